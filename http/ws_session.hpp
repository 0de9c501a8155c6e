// One WebSocket (RFC 6455) that speaks the native dialect. Lives on one lane. Frames are read into
// the lane's memory and written from where they are made: an idle connection holds no buffer (with
// TLS a small one).
#pragma once

#include "http/line.hpp"
#include "http/ws_frame.hpp"
#include "protocol/native/native.hpp"

#include <list>

namespace strowger::http {

namespace native = protocol::native;

class ws_session final : public line {
public:
  ws_session(handoff from, any_stream stream);
  void start(); // attaches first; the upgrade is accepted only when the gateway has agreed

private:
  using message_id = std::optional<std::int64_t>;

  void on_attached(const answer::attached& device) override;
  void on_refused(const failure& why) override;
  void deliver(const notice::any& what, client_position at) override;
  void end(errc why) override;
  void cut_now() override;

  void accept(const answer::attached& device);
  void read();
  void on_readable(error_code ec);
  void on_bytes(char* bytes, std::size_t count);
  bool on_message(const ws_message& what); // whether to go on
  void on_close(std::string_view payload);
  void handle(std::string_view frame);
  void refuse(const message_id& id, const failure& why);
  struct named_command {
    command_id id;
    std::string fingerprint;
  };
  void run(const message_id& id, named_command command, native::command& what);
  void authenticate_license(const message_id& id);
  template <class T, class Render> runtime::done<T> answers(const message_id& id, Render render);
  void enqueue(std::string_view message);
  bool send(ws_opcode what, std::string_view payload); // a frame, within the queue's limit
  void overflow();
  void write(std::string_view header, std::string_view payload); // now, what does not fit later
  void write_rest();
  void on_written(error_code ec, std::size_t count);
  void send_close();
  void give_up(std::uint16_t code); // the peer broke the protocol
  void cut_later();
  void heard();
  void tick();
  void ping(std::int64_t now);
  void finish(std::string reason);
  void close_line();
  void end_sending();
  const std::string& connection_id();
  std::shared_ptr<ws_session> me() {
    return std::static_pointer_cast<ws_session>(shared_from_this());
  }

  any_stream stream_;
  net::steady_timer timer_;
  ws_reader reader_{limits::frame_bytes_max};
  std::string tls_in_; // plain lines are read into the lane's memory
  native::encoding how_ = native::encoding::json;
  std::string subprotocol_, connection_id_;
  client_position asked_position_ = 0;
  std::list<std::string> out_; // what the line has not taken yet; the front one is being written
  std::size_t out_bytes_ = 0, in_flight_ = 0;
  std::int64_t heard_at_ = 0, pinged_at_ = 0; // steady, ms
  errc reason_ = errc::ok;
  bool accepted_ = false, writing_ = false;
  bool closing_ = false, close_sent_ = false, close_seen_ = false, given_up_ = false;
  bool finished_ = false;
};

} // namespace strowger::http
