// Many devices on one loop: signs all of them in, then hands over what they hear.
#pragma once

#include "bench/load/janus.hpp"
#include "bench/load/target.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace strowger::load {

class fleet final : public listener {
public:
  fleet(loop& on, target& at) : loop_(on), target_(at) {}

  // Called with the device's index, for everything but signing in.
  std::function<void(std::size_t, std::string_view text)> on_message;
  std::function<void(std::size_t, std::string_view why)> on_lost;

  // Adds devices until there are `count`, at most `at_once` of them on their way; a refused one
  // tries again a little later. False when `patience_s` was not enough.
  bool grow_to(std::size_t count, std::size_t at_once = 64, int patience_s = 60);
  // Socket.IO wants its own wrapping: message() gives what `text` looks like on the wire.
  std::string message(std::string_view event, std::string_view text) const;
  // Says something about a call: {"type":`type`,"id":`id`,"data":{`key`:`value`}}, as the target
  // wants it worded.
  void say(std::size_t device, std::string_view type, std::uint64_t id, std::string_view key,
           std::string_view value);
  void send(std::size_t device, std::string_view text) { devices_[device]->send(text); }
  void send_raw(std::size_t device, std::string_view frames) { devices_[device]->send_raw(frames); }

  std::size_t size() const { return devices_.size(); }
  std::size_t ready() const { return ready_; }
  std::size_t refused() const { return refused_; } // tries that came to nothing
  const std::string& last_refusal() const { return last_refusal_; }

private:
  void opened(socket&) override;
  void heard(socket&, std::string_view text) override;
  void closed(socket&, std::string_view why) override;
  void heard_of_janus(socket& s, std::string_view text);
  void open(std::size_t device);
  void joined(socket& s);

  loop& loop_;
  target& target_;
  std::vector<std::unique_ptr<socket>> devices_;
  std::vector<janus_phone> phones_;  // Janus alone: one for each device
  std::vector<bool> in_;             // signed in
  std::vector<std::size_t> waiting_; // refused: to be tried again
  std::size_t ready_ = 0, under_way_ = 0, refused_ = 0;
  std::string last_refusal_;
};

} // namespace strowger::load
