#include "cli/doctor_stun.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>

namespace strowger::cli::stun {
namespace {

constexpr std::uint32_t magic = 0x2112A442;
constexpr std::size_t header_bytes = 20;
constexpr std::uint32_t fingerprint_mask = 0x5354554e;

enum attribute : std::uint16_t {
  mapped_address = 0x0001,
  username = 0x0006,
  message_integrity = 0x0008,
  error_code = 0x0009,
  lifetime = 0x000d,
  realm = 0x0014,
  nonce = 0x0015,
  xor_relayed_address = 0x0016,
  requested_transport = 0x0019,
  xor_mapped_address = 0x0020,
  fingerprint = 0x8028
};

void put16(bytes& out, std::size_t what) {
  out.push_back(static_cast<std::uint8_t>(what >> 8));
  out.push_back(static_cast<std::uint8_t>(what));
}

void put32(bytes& out, std::uint32_t what) {
  put16(out, what >> 16);
  put16(out, what & 0xffff);
}

std::uint16_t get16(std::span<const std::uint8_t> in, std::size_t at) {
  return static_cast<std::uint16_t>(in[at] << 8 | in[at + 1]);
}

std::uint32_t get32(std::span<const std::uint8_t> in, std::size_t at) {
  return static_cast<std::uint32_t>(get16(in, at)) << 16 | get16(in, at + 2);
}

void set_length(bytes& message, std::size_t body) {
  message[2] = static_cast<std::uint8_t>(body >> 8);
  message[3] = static_cast<std::uint8_t>(body);
}

void add(bytes& message, attribute type, std::span<const std::uint8_t> content) {
  put16(message, type);
  put16(message, content.size());
  message.insert(message.end(), content.begin(), content.end());
  message.resize((message.size() + 3) / 4 * 4);
  set_length(message, message.size() - header_bytes);
}

void add(bytes& message, attribute type, std::string_view text) {
  add(message, type, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

bytes header(method what, const transaction& id) {
  bytes out;
  put16(out, static_cast<std::uint16_t>(what)); // class request: both class bits are 0
  put16(out, 0);
  put32(out, magic);
  out.insert(out.end(), id.begin(), id.end());
  return out;
}

// The key is MD5(username:realm:password), the sum covers the header as if this were the last
// attribute (RFC 8489, sections 9.2.2 and 14.5).
void sign(bytes& message, const credentials& who) {
  add(message, username, who.username);
  add(message, realm, who.realm);
  add(message, nonce, who.nonce);
  const auto secret = who.username + ":" + who.realm + ":" + who.password;
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> key{}, sum{};
  unsigned key_bytes = 0, sum_bytes = 0;
  EVP_Digest(secret.data(), secret.size(), key.data(), &key_bytes, EVP_md5(), nullptr);
  set_length(message, message.size() - header_bytes + 24);
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key_bytes), message.data(), message.size(),
       sum.data(), &sum_bytes);
  add(message, message_integrity, std::span{sum.data(), sum_bytes});
}

std::uint32_t crc32(std::span<const std::uint8_t> in) { // ITU V.42, as RFC 8489 14.7 wants it
  std::uint32_t crc = 0xffffffff;
  for (const auto byte : in) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

std::string v6_text(const std::array<std::uint8_t, 16>& raw) {
  std::string out;
  char group[8];
  for (std::size_t i = 0; i < raw.size(); i += 2) {
    const auto end = std::to_chars(group, group + 8, raw[i] << 8 | raw[i + 1], 16).ptr;
    out += (i == 0 ? "" : ":") + std::string{group, end};
  }
  return out;
}

// Families 1 and 2; the XOR variant is masked with the magic number and the transaction id.
std::string address_text(std::span<const std::uint8_t> content, const transaction& id,
                         bool masked) {
  if (content.size() < 8) return {};
  bytes mask;
  put32(mask, masked ? magic : 0);
  for (const auto byte : id) mask.push_back(masked ? byte : 0);
  const int port = get16(content, 2) ^ get16(mask, 0);
  const auto at = [&](std::size_t i) -> std::uint8_t { return content[4 + i] ^ mask[i]; };
  const auto tail = ":" + std::to_string(port);
  if (content[1] == 1 && content.size() == 8)
    return std::to_string(at(0)) + "." + std::to_string(at(1)) + "." + std::to_string(at(2)) + "." +
           std::to_string(at(3)) + tail;
  if (content[1] != 2 || content.size() != 20) return {};
  std::array<std::uint8_t, 16> raw;
  for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = at(i);
  return "[" + v6_text(raw) + "]" + tail;
}

std::string text_of(std::span<const std::uint8_t> content) {
  return {reinterpret_cast<const char*>(content.data()), content.size()};
}

void read(answer& out, std::uint16_t type, std::span<const std::uint8_t> content,
          const transaction& id) {
  switch (type) {
  case mapped_address:
    if (out.mapped.empty()) out.mapped = address_text(content, id, false);
    break;
  case xor_mapped_address:
    out.mapped = address_text(content, id, true);
    break;
  case xor_relayed_address:
    out.relayed = address_text(content, id, true);
    break;
  case realm:
    out.realm = text_of(content);
    break;
  case nonce:
    out.nonce = text_of(content);
    break;
  case error_code:
    if (content.size() < 4) break;
    out.error = (content[2] & 7) * 100 + content[3];
    out.reason = text_of(content.subspan(4));
    break;
  default:
    break;
  }
}

} // namespace

bool parse_url(std::string_view text, address& out) {
  out = {};
  const auto colon = text.find(':');
  if (colon == text.npos) return false;
  const auto scheme = text.substr(0, colon);
  const bool secure = scheme == "stuns" || scheme == "turns";
  out.relay = scheme.starts_with("turn");
  if (!secure && scheme != "stun" && scheme != "turn") return false;
  text.remove_prefix(colon + 1);
  const auto mark = std::min(text.find('?'), text.size());
  const auto query = text.substr(mark);
  text = text.substr(0, mark);
  if (!query.empty() && (!out.relay || (query != "?transport=udp" && query != "?transport=tcp")))
    return false;
  // DTLS to TURN (turns: with udp) exists on paper; browsers speak TLS.
  out.by = secure ? transport::tls : query == "?transport=tcp" ? transport::tcp : transport::udp;
  out.port = secure ? 5349 : 3478;
  auto port = std::string_view{};
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == text.npos) return false;
    out.host = text.substr(1, close - 1);
    port = text.substr(close + 1);
  } else {
    const auto at = std::min(text.find(':'), text.size());
    out.host = text.substr(0, at);
    port = text.substr(at);
  }
  if (out.host.empty() || out.host.find_first_of("/@ ") != out.host.npos) return false;
  if (port.empty()) return true;
  const auto end = port.data() + port.size();
  const auto [stop, error] = std::from_chars(port.data() + 1, end, out.port);
  return port[0] == ':' && error == std::errc{} && stop == end && out.port != 0;
}

bytes binding_request(const transaction& id) { return header(method::binding, id); }

bytes allocate_request(const transaction& id, const credentials* who) {
  auto out = header(method::allocate, id);
  constexpr std::array<std::uint8_t, 4> udp{17, 0, 0, 0};
  add(out, requested_transport, udp);
  if (who != nullptr) sign(out, *who);
  return out;
}

bytes release_request(const transaction& id, const credentials& who) {
  auto out = header(method::refresh, id);
  constexpr std::array<std::uint8_t, 4> none{};
  add(out, lifetime, none);
  sign(out, who);
  return out;
}

std::optional<answer> parse_answer(std::span<const std::uint8_t> in, const transaction& id) {
  if (in.size() < header_bytes || in.size() != message_bytes(in)) return {};
  const auto type = get16(in, 0);
  const bool success = (type & 0x0110) == 0x0100, refused = (type & 0x0110) == 0x0110;
  if (!success && !refused) return {};
  if (!std::equal(id.begin(), id.end(), in.begin() + 8)) return {};
  answer out;
  out.success = success;
  for (std::size_t at = header_bytes; at + 4 <= in.size();) {
    const std::size_t size = get16(in, at + 2);
    if (at + 4 + size > in.size()) return {};
    const auto attribute = get16(in, at);
    if (attribute == fingerprint) {
      if (size != 4 || get32(in, at + 4) != (crc32(in.first(at)) ^ fingerprint_mask)) return {};
      break; // always the last one
    }
    read(out, attribute, in.subspan(at + 4, size), id);
    at += 4 + (size + 3) / 4 * 4;
  }
  return out;
}

std::size_t message_bytes(std::span<const std::uint8_t> so_far) {
  if (so_far.size() < header_bytes || (so_far[0] & 0xc0) != 0 || get32(so_far, 4) != magic)
    return 0;
  const std::size_t body = get16(so_far, 2);
  return body % 4 == 0 ? header_bytes + body : 0;
}

} // namespace strowger::cli::stun
