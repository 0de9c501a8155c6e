#include "security/statement.hpp"

#include "security/jws.hpp"
#include "security/private_file.hpp"
#include "security/sodium.hpp"
#include "security/statement_json.hpp"

#include <algorithm>
#include <array>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdexcept>

namespace strowger::security {
namespace {

using private_key = jose::public_key; // the same type in OpenSSL
using memory = std::unique_ptr<BIO, jose::freed_by<BIO_free_all>>;

constexpr std::size_t pem_bytes_max = 4096;
// A license with every feature that there may be, in letters that JSON must escape.
constexpr std::size_t statement_bytes_max = 192 * 1024;

void need(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string{"statement key: OpenSSL refused to "} + what);
}

memory reading(std::string_view text) {
  return memory{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

std::string text_in(BIO* bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

int no_passphrase(char*, int, int, void*) { return -1; } // else OpenSSL asks the terminal

using raw_key = std::array<unsigned char, 32>;

// RFC 8410, section 4: an Ed25519 key stands behind these bytes, and nothing after it.
constexpr std::array<unsigned char, 12> spki{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                             0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

// By hand: OpenSSL's own way through its decoders takes longer than the signature.
std::optional<raw_key> public_key_of(std::string_view pem) {
  if (pem.size() > pem_bytes_max) return std::nullopt;
  char *name = nullptr, *header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (PEM_read_bio(reading(pem).get(), &name, &header, &data, &size) != 1) return std::nullopt;
  raw_key out{};
  const bool fits = std::string_view{name} == PEM_STRING_PUBLIC && *header == '\0' &&
                    size == static_cast<long>(spki.size() + out.size()) &&
                    std::equal(spki.begin(), spki.end(), data);
  if (fits) std::copy_n(data + spki.size(), out.size(), out.begin());
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  return fits ? std::optional{out} : std::nullopt;
}

raw_key public_part(const EVP_PKEY* key) {
  raw_key out{};
  std::size_t size = out.size();
  need(EVP_PKEY_get_raw_public_key(key, out.data(), &size) == 1, "show the public key");
  return out;
}

// RFC 7638 over the members that RFC 8037, section 2, asks for.
std::string thumbprint(const raw_key& key) {
  const auto x = jws::encode({reinterpret_cast<const char*>(key.data()), key.size()});
  const auto text = R"({"crv":"Ed25519","kty":"OKP","x":")" + x + R"("})";
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size());
  return jws::encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool signed_by(const raw_key& key, std::string_view text, std::string_view signature) {
  const jose::public_key pub{
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size())};
  return pub && jws::verify_eddsa(pub.get(), text, signature);
}

// There is one header for each key and kind, word for word: nothing in it is left to a reader.
std::string header_of(std::string_view key_id, std::string_view type) {
  return jws::encode(R"({"alg":"EdDSA","kid":")" + std::string{key_id} + R"(","typ":")" +
                     std::string{type} + R"("})");
}

std::string public_pem_of(EVP_PKEY* key) {
  const memory out{BIO_new(BIO_s_mem())};
  need(out && PEM_write_bio_PUBKEY(out.get(), key) == 1, "write the public key");
  return text_in(out.get());
}

private_key made_key(random_source& random) {
  std::array<std::uint8_t, 32> seed{};
  random.fill(seed);
  private_key out{
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size())};
  sodium_memzero(seed.data(), seed.size());
  need(out != nullptr, "make a key");
  return out;
}

std::string private_pem_of(const EVP_PKEY* key) {
  const memory out{BIO_new(BIO_s_mem())};
  need(out && PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr,
                                            nullptr) == 1,
       "write the private key");
  return text_in(out.get());
}

private_key read_key(const std::filesystem::path& file, std::string_view pem) {
  private_key out{PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, no_passphrase, nullptr)};
  if (!out || EVP_PKEY_is_a(out.get(), "ED25519") != 1)
    refuse_key_file(file, "holds no Ed25519 private key in PEM without a pass phrase; restore it "
                          "from a backup");
  return out;
}

struct quiet { // what OpenSSL says of a bad text must not be read as the fault of a later call
  ~quiet() { ERR_clear_error(); }
};

template <class Statement>
std::optional<Statement> check(std::string_view text, std::string_view public_pem) {
  need_sodium();
  const quiet after;
  if (text.size() > statement_bytes_max) return std::nullopt;
  const auto key = public_key_of(public_pem);
  const auto p = jws::split(text);
  if (!key || !p || p->header != header_of(thumbprint(*key), Statement::type)) return std::nullopt;
  const auto payload = jws::decode(p->payload);
  const auto signature = jws::decode(p->signature);
  Statement out;
  if (!payload || !signature || !signed_by(*key, p->signed_text, *signature) ||
      !read_statement(*payload, out))
    return std::nullopt;
  return out;
}

} // namespace

struct statement_signer::key {
  private_key secret;
  std::string pem, id;

  std::string sign(const std::string& payload, std::string_view type) const {
    auto out = header_of(id, type) + "." + jws::encode(payload);
    using context = std::unique_ptr<EVP_MD_CTX, jose::freed_by<EVP_MD_CTX_free>>;
    const context ctx{EVP_MD_CTX_new()};
    std::array<unsigned char, 64> signature{};
    std::size_t size = signature.size();
    need(ctx && EVP_DigestSignInit(ctx.get(), nullptr, nullptr, nullptr, secret.get()) == 1 &&
             EVP_DigestSign(ctx.get(), signature.data(), &size,
                            reinterpret_cast<const unsigned char*>(out.data()), out.size()) == 1,
         "sign");
    return out + "." + jws::encode({reinterpret_cast<const char*>(signature.data()), size});
  }
};

statement_signer::statement_signer(std::unique_ptr<key> own) : key_(std::move(own)) {}
statement_signer::~statement_signer() = default;
statement_signer::statement_signer(statement_signer&&) noexcept = default;
statement_signer& statement_signer::operator=(statement_signer&&) noexcept = default;

statement_signer statement_signer::load_or_create(const std::filesystem::path& file,
                                                  random_source& random) {
  need_sodium();
  auto own = std::make_unique<key>();
  if (const auto text = read_private_file(file)) {
    own->secret = read_key(file, *text);
  } else {
    own->secret = made_key(random);
    write_private_file(file, private_pem_of(own->secret.get()));
  }
  own->pem = public_pem_of(own->secret.get());
  own->id = thumbprint(public_part(own->secret.get()));
  return statement_signer{std::move(own)};
}

const std::string& statement_signer::public_pem() const { return key_->pem; }
const std::string& statement_signer::key_id() const { return key_->id; }

std::string statement_signer::sign(const license_statement& what) const {
  return key_->sign(statement_json(what), what.type);
}
std::string statement_signer::sign(const lease_statement& what) const {
  return key_->sign(statement_json(what), what.type);
}
std::string statement_signer::sign(const receipt_statement& what) const {
  return key_->sign(statement_json(what), what.type);
}

std::optional<license_statement> check_license(std::string_view text, std::string_view public_pem) {
  return check<license_statement>(text, public_pem);
}
std::optional<lease_statement> check_lease(std::string_view text, std::string_view public_pem) {
  return check<lease_statement>(text, public_pem);
}
std::optional<receipt_statement> check_receipt(std::string_view text, std::string_view public_pem) {
  return check<receipt_statement>(text, public_pem);
}

} // namespace strowger::security
