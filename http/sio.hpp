// Socket.IO (protocol revision 5) on an Engine.IO session: namespaces, acknowledgements both ways,
// attachments. Everything on the session's lane.
#pragma once

#include "http/eio.hpp"
#include "protocol/socketio/packet.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace strowger::http {

namespace socketio = protocol::socketio;

// What a connection's events are for: one object per connection, with all its namespaces.
class sio_app {
public:
  virtual ~sio_app() = default;
  // A client wants in. Answered by accept() or refuse(), now or later; `auth` is an object.
  virtual void on_connect(const std::string& nsp, protocol::value auth) = 0;
  // [name, ...] of a connected namespace; with an id the client waits for sio_connection::ack.
  virtual void on_event(const std::string& nsp, socketio::packet event) = 0;
  virtual void on_disconnect(const std::string& nsp) = 0; // the client left by itself
  virtual void on_heard() {}
  virtual void on_close(std::string_view why) = 0; // once, last
};

class sio_connection final : public eio_app, public std::enable_shared_from_this<sio_connection> {
public:
  explicit sio_connection(const std::shared_ptr<eio_session>& session);
  void serve(std::shared_ptr<sio_app> app); // once, first

  const std::shared_ptr<eio_session>& session() const { return session_; }

  // `pid` with connection-state recovery: what the client shows when it comes back.
  void accept(const std::string& nsp, const std::string& sid, const std::string& pid = {});
  void refuse(const std::string& nsp, protocol::value error); // {message, data?}
  void send(const socketio::packet& what);                    // to a connected namespace
  void ack(const std::string& nsp, std::int64_t id, protocol::value::array items,
           std::vector<std::string> attachments = {});
  // [name, data]; the client's answer comes to `told`, at most once. False: too many are awaited.
  using acked = std::function<void(protocol::value::array)>;
  bool ask(const std::string& nsp, std::string_view name, protocol::value data, acked told);
  void disconnect(const std::string& nsp); // the client is told and does not come back by itself
  void close();

private:
  bool on_text(std::string_view message) override;
  bool on_binary(std::string_view message) override;
  void on_heard() override;
  void on_close(std::string_view why) override;
  bool handle(socketio::packet what);
  bool connect(socketio::packet what);
  void answered(const socketio::packet& what);
  bool connected(const std::string& nsp) const;
  void wait_for_connect();

  std::shared_ptr<eio_session> session_; // until its end
  std::shared_ptr<sio_app> app_;
  socketio::decoder decoder_;
  std::map<std::string, bool, std::less<>> namespaces_; // true: accepted
  std::map<std::pair<std::string, std::int64_t>, acked> asked_;
  std::int64_t next_id_ = 0;
  bool waits_ = false; // for somebody to connect
};

} // namespace strowger::http
