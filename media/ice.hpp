// The ICE-lite side of one transport (RFC 8445): who may speak for the client, by short-term
// credentials, and what a connectivity check is answered. No I/O.
#pragma once

#include "media/address.hpp"

#include <string>
#include <vector>

namespace strowger::media {

inline constexpr std::size_t ice_ufrag_chars = 16, ice_password_chars = 32;
std::string random_ice_text(std::size_t chars); // of ice-char, from the system's random source

// HMAC-SHA1 with the short-term key (RFC 8489, section 9.1); for both sides.
bool integrity_holds(stun::bytes datagram, const stun::message& in, std::string_view password);
void put_integrity(stun::writer& to, std::string_view password);

class ice_agent {
public:
  ice_agent();

  const std::string& ufrag() const { return now_.ufrag; }
  const std::string& password() const { return now_.password; }
  const std::string& former_ufrag() const { return before_.ufrag; } // empty: none
  void restart(); // the old words are good until the new ones have been used
  void forget_former() { before_ = {}; }

  enum class verdict : std::uint8_t {
    accepted,      // authentic: `response` is a success
    refused,       // answered with an error
    bad_integrity, // answered with 401
    replayed,      // from elsewhere than the first time: no answer
  };
  struct outcome {
    verdict what = verdict::refused;
    bool nominated = false;    // USE-CANDIDATE
    bool restarted = false;    // the new words are in use: now forget_former()
    bool has_response = false; //
  };
  // A Binding request whose USERNAME begins with this agent's ufrag (or the former one).
  outcome check(stun::bytes datagram, const stun::message& in, const address& from,
                stun::writer& response);

private:
  struct words {
    std::string ufrag, password;
  };
  bool first_heard(stun::bytes transaction, const address& from);

  words now_, before_;
  // Transactions already answered, to where: whoever repeats one from elsewhere has recorded it.
  struct answered {
    std::uint32_t transaction = 0, where = 0; // hashes with a secret
  };
  std::vector<answered> heard_; // a ring, the oldest at `oldest_`
  std::size_t oldest_ = 0;
};

} // namespace strowger::media
