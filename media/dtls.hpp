// DTLS 1.2 for SRTP keys (RFC 5764) over datagrams that somebody else sends and receives. OpenSSL
// stays in the .cpp. Not thread-safe.
#pragma once

#include "media/relay_types.hpp"
#include "media/srtp.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace strowger::media {

// What RFC 7983 tells apart by the first byte of a datagram.
enum class datagram_kind : std::uint8_t { unknown, stun, dtls, rtp, rtcp };
datagram_kind kind_of(bytes datagram);
// A whole number of DTLS records of a plausible version, so that noise never reaches OpenSSL.
bool looks_like_dtls(bytes datagram);

inline constexpr std::size_t dtls_datagram_bytes_max = 1200; // that we send

// The certificate and the settings that all associations share. ECDSA P-256, made here, valid for
// a year; or the PEM given.
class dtls_context {
public:
  // Null: why not stands in `why`.
  // `profiles`: as OpenSSL spells them, for a peer that has fewer; empty: all there are.
  static std::shared_ptr<dtls_context> make(std::string& why, const std::string& profiles = {});
  ~dtls_context();
  dtls_context(const dtls_context&) = delete;
  dtls_context& operator=(const dtls_context&) = delete;

  const fingerprint& own() const { return own_; } // sha-256

private:
  friend class dtls_association;
  dtls_context() = default;
  struct parts;
  std::unique_ptr<parts> parts_;
  fingerprint own_;
};

// Whether there is one of sha-256, sha-384, sha-512 with a value of its length.
bool strong_fingerprint(const std::vector<fingerprint>& of_peer);

class dtls_association {
public:
  using sender = std::function<void(bytes datagram)>; // called from within the methods below

  dtls_association(std::shared_ptr<dtls_context> with, bool client, sender send);
  ~dtls_association();
  dtls_association(const dtls_association&) = delete;
  dtls_association& operator=(const dtls_association&) = delete;

  enum class state : std::uint8_t { handshaking, done, closed, failed }; // closed: close_notify
  void start();                 // as client: the ClientHello
  void receive(bytes datagram); // one datagram
  void elapsed();               // retransmits what is due; call every 20 to 100 ms
  void close();                 // sends close_notify
  state now() const { return state_; }

  // When done:
  bool peer_is(const std::vector<fingerprint>& wanted) const; // any strong one of them
  std::optional<srtp_profile> profile() const;
  bool keys(srtp_key& from_peer, srtp_key& to_peer) const;

private:
  void proceed();
  struct parts;
  std::unique_ptr<parts> parts_;
  state state_ = state::handshaking;
};

} // namespace strowger::media
