// One client WebSocket on a loop: connects, upgrades, answers pings, hands texts to its listener.
#pragma once

#include "bench/load/frame.hpp"
#include "bench/load/loop.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace strowger::load {

class socket;

class listener {
public:
  virtual ~listener() = default;
  virtual void opened(socket&) {}
  virtual void heard(socket&, std::string_view text) = 0; // one message, text or binary
  // The socket is closed already and may be opened again. `why`: a sentence, or the first line of
  // the answer that refused the upgrade.
  virtual void closed(socket&, std::string_view why) = 0;
};

struct address {
  std::string host = "127.0.0.1"; // IPv4
  std::uint16_t port = 0;
  std::string from{}; // the local IPv4 address; empty: whichever
};

class socket final : public watcher {
public:
  socket(loop& on, listener& to, std::size_t tag = 0) : loop_(on), to_(to), tag_(tag) {}
  ~socket() override { drop(); }
  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;

  // `target` of the request line; `fields`: further header lines, each ending in CRLF. The
  // listener's `closed` is told when it does not work out.
  void open(const address& where, std::string_view target, std::string_view fields = {});
  void send(std::string_view text);        // a text frame
  void send_raw(std::string_view frames);  // whole frames, made before
  void drop();                             // closes without a word; the listener is not told
  bool is_open() const { return open_; }   // upgraded
  std::size_t tag() const { return tag_; } // what its owner calls it
  std::size_t unsent() const { return out_.size(); }

private:
  void ready(std::uint32_t events) override;
  void read();
  void take_answer();
  void take_frames(std::string_view bytes);
  void take(const frame& f);
  void flush();
  void watch();
  void fail(std::string_view why);

  loop& loop_;
  listener& to_;
  const std::size_t tag_;
  int fd_ = -1;
  bool open_ = false, writing_ = false;
  std::string in_;        // what came of an unfinished frame or answer
  std::string out_;       // what the kernel did not take yet
  std::string fragments_; // of an unfinished message
};

} // namespace strowger::load
