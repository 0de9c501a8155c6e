#include "media/dtls.hpp"

#include "media/dtls_openssl.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace strowger::media {

datagram_kind kind_of(bytes in) {
  if (in.size() < 2) return datagram_kind::unknown;
  if (in[0] < 2) return datagram_kind::stun;
  if (in[0] >= 20 && in[0] < 64) return datagram_kind::dtls;
  if (in[0] < 128 || in[0] > 191) return datagram_kind::unknown;
  return in[1] >= 192 && in[1] < 224 ? datagram_kind::rtcp : datagram_kind::rtp;
}

bool looks_like_dtls(bytes in) {
  if (in.size() < 13) return false;
  while (!in.empty()) {
    if (in.size() < 13 || in[0] < 20 || in[0] > 63 || in[1] != 0xFE) return false;
    const std::size_t size = read16(&in[11]);
    if (size > in.size() - 13) return false;
    in = in.subspan(13 + size);
  }
  return true;
}

struct dtls_association::parts {
  std::shared_ptr<dtls_context> with;
  SSL* ssl = nullptr;
  bool client = false;
  datagram_link link; // between the BIO and us
};

dtls_association::dtls_association(std::shared_ptr<dtls_context> with, bool client, sender send) :
    parts_(std::make_unique<parts>()) {
  parts_->client = client;
  parts_->link.send = std::move(send);
  parts_->ssl = SSL_new(with->parts_->context);
  parts_->with = std::move(with);
  auto* bio = parts_->ssl ? new_datagram_bio(parts_->link) : nullptr;
  if (!bio) {
    state_ = state::failed;
    return;
  }
  SSL_set_bio(parts_->ssl, bio, bio);
  SSL_set_options(parts_->ssl, SSL_OP_NO_QUERY_MTU);
  SSL_set_mtu(parts_->ssl, dtls_datagram_bytes_max);
  DTLS_set_link_mtu(parts_->ssl, dtls_datagram_bytes_max + 28);
  if (client)
    SSL_set_connect_state(parts_->ssl);
  else
    SSL_set_accept_state(parts_->ssl);
}

dtls_association::~dtls_association() {
  if (parts_->ssl) SSL_free(parts_->ssl);
}

void dtls_association::start() {
  if (parts_->client && state_ == state::handshaking) proceed();
}

void dtls_association::receive(bytes datagram) {
  if (state_ == state::failed || state_ == state::closed) return;
  parts_->link.in = datagram;
  proceed();
  parts_->link.in = {};
}

void dtls_association::proceed() {
  auto* ssl = parts_->ssl;
  ERR_clear_error();
  if (state_ == state::handshaking) {
    const int done = SSL_do_handshake(ssl);
    if (done == 1) {
      state_ = state::done;
    } else {
      const int why = SSL_get_error(ssl, done);
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) state_ = state::failed;
      if (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) state_ = state::closed;
      ERR_clear_error();
      return;
    }
  }
  // What comes later: alerts, retransmissions. Application data is none of ours.
  std::array<std::uint8_t, 1500> ignored;
  for (int i = 0; i < 16; ++i) {
    const int size = SSL_read(ssl, ignored.data(), static_cast<int>(ignored.size()));
    if (size > 0) continue;
    const int why = SSL_get_error(ssl, size);
    if (why == SSL_ERROR_ZERO_RETURN) state_ = state::closed;
    if (why == SSL_ERROR_SSL) state_ = state::failed; // a fatal alert
    break;
  }
  ERR_clear_error();
}

void dtls_association::elapsed() {
  if (state_ != state::handshaking || !parts_->ssl) return;
  ERR_clear_error();
  if (DTLSv1_handle_timeout(parts_->ssl) < 0) state_ = state::failed;
  ERR_clear_error();
}

void dtls_association::close() {
  if (!parts_->ssl || state_ != state::done) return;
  ERR_clear_error();
  SSL_shutdown(parts_->ssl);
  ERR_clear_error();
  state_ = state::closed;
}

std::optional<srtp_profile> dtls_association::profile() const {
  if (state_ != state::done) return std::nullopt;
  const auto* chosen = SSL_get_selected_srtp_profile(parts_->ssl);
  if (!chosen) return std::nullopt;
  for (const auto known : {srtp_profile::aead_aes_128_gcm, srtp_profile::aead_aes_256_gcm,
                           srtp_profile::aes128_cm_sha1_80})
    if (chosen->id == static_cast<unsigned long>(known)) return known;
  return std::nullopt;
}

bool dtls_association::keys(srtp_key& from_peer, srtp_key& to_peer) const {
  const auto which = profile();
  if (!which) return false;
  const auto key = key_bytes(*which), salt = salt_bytes(*which);
  std::array<std::uint8_t, 2 * (32 + 14)> material{};
  constexpr std::string_view label = "EXTRACTOR-dtls_srtp"; // RFC 5764, section 4.2
  if (SSL_export_keying_material(parts_->ssl, material.data(), 2 * (key + salt), label.data(),
                                 label.size(), nullptr, 0, 0) != 1)
    return false;
  auto& of_client = parts_->client ? to_peer : from_peer;
  auto& of_server = parts_->client ? from_peer : to_peer;
  const auto fill = [&](srtp_key& out, std::size_t n) {
    std::memcpy(out.bytes.data(), &material[n * key], key);
    std::memcpy(&out.bytes[key], &material[2 * key + n * salt], salt);
    out.size = key + salt;
  };
  fill(of_client, 0);
  fill(of_server, 1);
  OPENSSL_cleanse(material.data(), material.size());
  return true;
}

bool dtls_association::peer_is(const std::vector<fingerprint>& wanted) const {
  if (!parts_->ssl) return false;
  auto* certificate = SSL_get0_peer_certificate(parts_->ssl);
  return certificate && std::ranges::any_of(wanted, [&](const fingerprint& f) {
           return certificate_is(certificate, f);
         });
}

} // namespace strowger::media
