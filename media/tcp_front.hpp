// ICE-TCP (RFC 6544, passive): connections whose stream holds datagrams, each behind two bytes of
// length (RFC 4571). Not thread-safe; the owner's epoll says what is ready.
#pragma once

#include "core/limits.hpp"
#include "media/address.hpp"
#include "media/bytes.hpp"

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace strowger::media {

// Takes a stream apart. Pure.
class frame_reader {
public:
  // Where to read more into; never empty as long as the frames were taken and fit.
  room space() { return room{buffer_}.subspan(size_); }
  // `read` more bytes are there: calls f(room) for each whole frame. False: one is too large, the
  // stream is none of ours.
  template <class F> bool took(std::size_t read, F&& f) {
    size_ += read;
    std::size_t at = 0;
    while (size_ - at >= 2) {
      const std::size_t length = read16(&buffer_[at]);
      if (length > limits::media_datagram_bytes_max) return false;
      if (size_ - at - 2 < length) break;
      if (length) f(room{&buffer_[at + 2], length});
      at += 2 + length;
    }
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(at),
              buffer_.begin() + static_cast<std::ptrdiff_t>(size_), buffer_.begin());
    size_ -= at;
    return true;
  }

private:
  std::array<std::uint8_t, 2 * (limits::media_datagram_bytes_max + 2)> buffer_;
  std::size_t size_ = 0;
};

class tcp_front {
public:
  using on_frame = std::function<void(const address& from, room frame)>;
  using on_closed = std::function<void(std::uint32_t connection)>;

  // `epoll` gets the listener as `first_tag` and connection n as first_tag + n.
  tcp_front(int epoll, std::uint64_t first_tag, on_frame frame, on_closed closed);
  ~tcp_front();
  tcp_front(const tcp_front&) = delete;
  tcp_front& operator=(const tcp_front&) = delete;

  bool open(const std::string& ip, std::uint16_t port, std::string& why);
  void ready(std::uint64_t tag, std::uint32_t events, std::int64_t now_ms);
  bool send(std::uint32_t connection, bytes frame); // false: full, or gone
  void authentic(std::uint32_t connection);         // a client has shown its password there
  void close(std::uint32_t connection);
  // About every second: closes those that have shown none in time, and accepts again after a pause.
  void sweep(std::int64_t now_ms);
  std::size_t count() const { return connections_.size(); }

private:
  struct connection {
    int descriptor = -1;
    address from;
    bool authentic = false, writing = false;
    std::int64_t since_ms = 0;
    frame_reader in;
    std::vector<std::uint8_t> out;
  };
  void accept_all(std::int64_t now_ms);
  void retry_later(std::int64_t now_ms);
  void listen_for(std::uint32_t events) const;
  bool read(connection& on); // false: it is over
  bool write(connection& on);
  void watch(const connection& on, int operation) const;

  int epoll_, listener_ = -1;
  std::uint64_t first_tag_;
  on_frame frame_;
  on_closed closed_;
  std::uint32_t next_ = 1;
  std::int64_t retry_at_ms_ = 0; // 0: it accepts
  std::unordered_map<std::uint32_t, std::unique_ptr<connection>> connections_;
};

} // namespace strowger::media
