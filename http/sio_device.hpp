// The product on Socket.IO: the namespace "/" is a device of an extension, with the commands and
// events of /ws (device_line.hpp). Everything on the session's lane.
#pragma once

#include "http/device_line.hpp"
#include "http/sio.hpp"

#include <set>

namespace strowger::http {

// What CONNECT carried, checked against the token.
struct sio_identity {
  principal who;
  request::attach wanted; // of the device that came back, if it did
  std::string pid;        // as the client showed it
  std::string user_id;    // as the client said it
};
outcome<sio_identity> identify(const state& shared, const http_request& request,
                               const protocol::value& auth);

class sio_device final : public device_line {
public:
  sio_device(handoff from, std::shared_ptr<sio_connection> to, sio_identity who);
  void start(); // attaches first; the namespace is accepted only when the gateway has agreed

  void on_event(socketio::packet event);
  void on_goodbye(); // the client's own packet: its calls are hung up
  void on_lost(std::string_view why);
  void heard() { sign_of_life(); }

private:
  void on_attached(const answer::attached& device) override;
  void on_refused(const failure& why) override;
  void deliver(const notice::any& what, client_position at) override;
  void end(errc why) override;
  void cut_now() override;
  bool enlisted() const override { return false; } // its session is

  void reply(const ticket& to, protocol::value data) override;
  void refuse(const ticket& to, const failure& why) override;
  void reply_pong(const ticket& to) override;
  void push(std::string_view name, protocol::value data, client_position at) override;
  void dialled(const call_id& call) override { calls_.insert(call); }

  void ack(const ticket& to, protocol::value data);
  void tell_error(const failure& why);
  std::string pid_of(const answer::attached& device) const;
  protocol::value hello(const answer::attached& device) const;

  const std::shared_ptr<sio_connection> to_;
  sio_identity identity_;
  std::set<call_id> calls_; // this device has a part in
  bool gone_ = false;       // nothing more is said
};

// The application of every session of the product.
std::shared_ptr<eio_app> make_sio_product(const std::shared_ptr<eio_session>& session);

} // namespace strowger::http
