#include "http/sio_echo.hpp"

#include "http/eio_session.hpp"
#include "http/sio.hpp"

namespace strowger::http {
namespace {

// Test programs often take one message per read, and lose a second one that comes with it.
constexpr duration_ms auth_after_ms = 10;

class engine_echo final : public eio_app {
public:
  explicit engine_echo(const std::shared_ptr<eio_session>& session) : session_(session) {}

  bool on_text(std::string_view message) override {
    if (const auto to = session_.lock()) to->send_text(std::string{message});
    return true;
  }
  bool on_binary(std::string_view message) override {
    if (const auto to = session_.lock()) to->send_binary(std::string{message});
    return true;
  }
  void on_close(std::string_view) override {}

private:
  const std::weak_ptr<eio_session> session_;
};

class socket_echo final : public sio_app {
public:
  explicit socket_echo(const std::shared_ptr<sio_connection>& to) : to_(to) {}

  void on_connect(const std::string& nsp, protocol::value auth) override {
    const auto to = to_.lock();
    if (!to) return;
    if (nsp != "/" && nsp != "/custom") {
      protocol::value error{protocol::value::object{}};
      return to->refuse(nsp, error.set("message", "Invalid namespace"));
    }
    to->accept(nsp, to->session()->shared()->opt.new_id());
    to->session()->on()->post_after(auth_after_ms, [weak = to_, nsp, auth = std::move(auth)] {
      if (const auto still = weak.lock()) still->send(socketio::push(nsp, "auth", auth, {}));
    });
  }

  void on_event(const std::string& nsp, socketio::packet event) override {
    const auto to = to_.lock();
    auto items = *event.data.as_array();
    const auto* name = items.front().as_text();
    if (!to || !name || nsp != "/") return;
    if (*name == "message") {
      items.front() = "message-back";
      event.kind = socketio::packet_kind::event;
      event.id = {};
      event.data = std::move(items);
      to->send(event);
    } else if (*name == "message-with-ack" && event.id) {
      items.erase(items.begin());
      to->ack(nsp, *event.id, std::move(items), std::move(event.attachments));
    }
  }

  void on_disconnect(const std::string&) override {}
  void on_close(std::string_view) override {}

private:
  const std::weak_ptr<sio_connection> to_;
};

} // namespace

std::shared_ptr<eio_app> make_engine_echo(const std::shared_ptr<eio_session>& session) {
  session->known(); // nobody has to say who he is
  return std::make_shared<engine_echo>(session);
}

std::shared_ptr<eio_app> make_socket_echo(const std::shared_ptr<eio_session>& session) {
  auto out = std::make_shared<sio_connection>(session);
  out->serve(std::make_shared<socket_echo>(out));
  return out;
}

} // namespace strowger::http
