// Janus with its videocall plugin as a target: how it is started, and how the words of one device
// become its own (Janus 1.1 API over WebSocket, sub-protocol janus-protocol).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::load {

// The command that serves on 127.0.0.1:`port`, after its configuration was written into `folder`:
// this plugin and this transport, two event loops, no STUN. Throws std::runtime_error when Janus is
// not installed.
std::vector<std::string> janus_command(const std::string& folder, std::uint16_t port);

// One device: a session, a handle of the plugin, a name. A call is a peer connection in Janus, so
// offers and answers carry a small SDP without candidates: nobody sends media, and nothing waits
// for any. Pure: texts in, texts out.
class janus_phone {
public:
  explicit janus_phone(std::string name) : name_(std::move(name)) {}

  std::string first_words() const; // creates the session
  // While signing in: what to send after `text`; empty: nothing, or it is done.
  std::string signing_in(std::string_view text);
  bool registered() const { return registered_; }

  // call:dial (`value`: whom), call:answer, call:hangup.
  std::string say(std::string_view type, std::string_view value);

  struct news {
    std::string ours; // as Strowger would put it; empty: of no interest
    std::string back; // to be sent at once; empty: nothing
  };
  // A call has ended when the plugin said so and the peer connection is closed, without which the
  // next one cannot begin. As a browser does, the phone closes its own end when it is told: alone,
  // Janus waits for the turn of a second. A call that ends before it was accepted has failed.
  news heard(std::string_view text);

private:
  std::string message(std::string_view what, std::string_view body, std::string_view sdp) const;
  std::string close() const;
  news refused(std::string_view text);
  news end_when_over();

  std::string name_, session_, handle_;
  std::string call_; // its id: the callee's name; empty: not in a call
  bool registered_ = false, accepted_ = false, told_ = false, closed_ = false;
};

} // namespace strowger::load
