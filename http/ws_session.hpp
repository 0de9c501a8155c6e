// One WebSocket (RFC 6455) that speaks the native dialect. Lives on one lane; an idle connection
// holds no buffer (ws_wire.hpp).
#pragma once

#include "http/device_line.hpp"
#include "http/ws_wire.hpp"

namespace strowger::http {

class ws_session final : public device_line, public ws_wire {
public:
  ws_session(handoff from, any_stream stream);
  void start(); // attaches first; the upgrade is accepted only when the gateway has agreed

private:
  void on_attached(const answer::attached& device) override;
  void on_refused(const failure& why) override;
  void end(errc why) override;
  void cut_now() override { cut_wire(); }

  void reply(const ticket& to, protocol::value data) override;
  void refuse(const ticket& to, const failure& why) override;
  void reply_pong(const ticket& to) override;
  void push(std::string_view name, protocol::value data, client_position at) override;

  std::shared_ptr<ws_wire> wire() override;
  void on_data(const ws_message& what) override;
  void on_heard() override;
  void on_overflow() override;
  void on_end(std::string_view how) override;

  void welcome(const answer::attached& device);
  void enqueue(std::string_view message);
  void tick();
  void ping(std::int64_t now);

  native::encoding how_ = native::encoding::json;
  std::string subprotocol_;
  client_position asked_position_ = 0;
  std::int64_t heard_at_ = 0, pinged_at_ = 0; // steady, ms
};

} // namespace strowger::http
