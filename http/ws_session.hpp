// One WebSocket (RFC 6455) that speaks the native dialect. Lives on one lane.
#pragma once

#include "http/line.hpp"
#include "protocol/native/native.hpp"

#include <deque>

namespace strowger::http {

namespace native = protocol::native;

class ws_session final : public line {
public:
  ws_session(handoff from, any_stream stream, bhttp::request<bhttp::string_body> upgrade);
  void start(); // attaches first; the upgrade is accepted only when the gateway has agreed

private:
  using message_id = std::optional<std::int64_t>;

  void on_attached(const answer::attached& device) override;
  void on_refused(const failure& why) override;
  void deliver(const notice::any& what, client_position at) override;
  void end(errc why) override;
  void cut_now() override;

  void on_accepted(error_code ec);
  void read();
  void on_frame(error_code ec);
  void handle(std::string_view frame);
  struct named_command {
    command_id id;
    std::string fingerprint;
  };
  void run(const message_id& id, named_command command, native::command& what);
  template <class T, class Render> runtime::done<T> answers(const message_id& id, Render render);
  void enqueue(std::string bytes);
  void write_next();
  void send_close();
  void heard();
  void tick();
  void ping(std::int64_t now);
  void finish(std::string reason);
  const std::string& connection_id();
  std::shared_ptr<ws_session> me() {
    return std::static_pointer_cast<ws_session>(shared_from_this());
  }

  bhttp::request<bhttp::string_body> upgrade_;
  websocket::stream<any_stream> ws_;
  net::steady_timer timer_;
  beast::flat_buffer buffer_;
  native::encoding how_ = native::encoding::json;
  std::string subprotocol_, connection_id_;
  client_position asked_position_ = 0;
  std::deque<std::string> out_; // the front one is being written while writing_
  std::size_t out_bytes_ = 0, in_flight_ = 0;
  std::int64_t heard_at_ = 0, pinged_at_ = 0; // steady, ms
  websocket::close_reason reason_;
  bool accepted_ = false, writing_ = false, pinging_ = false;
  bool closing_ = false, close_sent_ = false, finished_ = false;
};

} // namespace strowger::http
