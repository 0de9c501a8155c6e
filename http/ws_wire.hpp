// One end of a WebSocket (RFC 6455) after its upgrade, as a server: frames read into the lane's
// memory and written from where they are made, so that an idle line holds no buffer (with TLS a
// small one); a queue bounded in bytes; the close handshake. What the messages mean, and who pings,
// is the owner's. Lives on one lane.
#pragma once

#include "http/any_stream.hpp"
#include "http/lane.hpp"
#include "http/options.hpp"
#include "http/ws_frame.hpp"

#include <list>
#include <memory>
#include <string>

namespace strowger::http {

std::int64_t steady_ms(); // since some past instant

class ws_wire {
public:
  virtual ~ws_wire() = default;

protected:
  ws_wire(any_stream stream, lane& on, const options& opt, std::size_t message_bytes_max);

  // The owner: its own pointer, and what happens to it.
  virtual std::shared_ptr<ws_wire> wire() = 0;
  virtual void on_data(const ws_message& what) = 0; // text or binary; not while closing
  virtual void on_heard() = 0;                      // bytes came
  virtual void on_overflow() = 0;                   // the peer takes nothing; must end the line
  virtual void on_end(std::string_view how) = 0;    // "lost", "closed", ...; may be told twice

  // Writes the answer to the upgrade; `subprotocol` may be empty. Section 4.2.2.
  void accept(std::string_view key, std::string_view subprotocol);
  void refuse(std::shared_ptr<std::string> answer); // plain HTTP instead, and that was it
  void read();
  void hold() { held_ = true; } // reads no more until go_on(), but for what is under way
  void go_on();
  bool send(ws_opcode what, std::string_view payload); // a frame, within the queue's limit
  // What waits goes first, then the close frame; cut after close_deadline_ms. `reason` must stay.
  void close(std::uint16_t code, std::string_view reason);
  void give_up(std::uint16_t code); // the peer broke the protocol
  void finish(std::string_view how);
  void cut_wire();

  bool idle() const { return out_.empty(); }
  bool closing() const { return closing_; }
  bool finished() const { return finished_; }
  std::size_t queued_bytes() const { return out_bytes_; }
  void drop_queue() { // but what is on its way must stay in place
    if (!out_.empty()) out_.resize(1);
  }
  void closing_continues() { // after accept(): close() was called before there was a line
    if (closing_) write_rest();
  }

  any_stream stream_;
  net::steady_timer timer_; // the owner's; cancelled at the end

private:
  void on_readable(error_code ec);
  void on_bytes(char* bytes, std::size_t count);
  bool on_message(const ws_message& what); // whether to go on
  void on_close(std::string_view payload);
  void write(std::string_view header, std::string_view payload); // now, what does not fit later
  void write_rest();
  void on_written(error_code ec, std::size_t count);
  void send_close();
  void cut_later();
  void close_line();
  void end_sending();

  lane& lane_;
  const options& opt_;
  ws_reader reader_;
  std::string tls_in_;         // plain lines are read into the lane's memory
  std::list<std::string> out_; // what the line has not taken yet; the front one is being written
  std::size_t out_bytes_ = 0;
  std::string_view close_reason_; // of a table: it stays
  std::uint16_t close_code_ = 1000;
  bool accepted_ = false, writing_ = false;
  bool held_ = false, waits_ = false; // waits: to read on
  bool closing_ = false, close_sent_ = false, close_seen_ = false, given_up_ = false;
  bool finished_ = false;
};

} // namespace strowger::http
