#include "http/sio.hpp"

#include "http/eio_session.hpp"

#include <algorithm>
#include <utility>

namespace strowger::http {
namespace {

using socketio::packet;
using socketio::packet_kind;

packet packet_of(packet_kind kind, const std::string& nsp, protocol::value data) {
  packet out;
  out.kind = kind;
  out.nsp = nsp;
  out.data = std::move(data);
  return out;
}

} // namespace

sio_connection::sio_connection(const std::shared_ptr<eio_session>& session) : session_(session) {}

void sio_connection::serve(std::shared_ptr<sio_app> app) {
  app_ = std::move(app);
  wait_for_connect();
}

// A session in which nobody connects is of no use, and somebody may open many. One deadline at a
// time, however often somebody is refused.
void sio_connection::wait_for_connect() {
  if (!session_ || std::exchange(waits_, true)) return;
  const auto patience = session_->shared()->opt.engine.connect_timeout_ms;
  session_->on()->post_after(patience, [weak = weak_from_this()] {
    const auto alive = weak.lock();
    if (!alive) return;
    alive->waits_ = false;
    if (alive->session_ && alive->namespaces_.empty()) alive->close();
  });
}

bool sio_connection::connected(const std::string& nsp) const {
  const auto found = namespaces_.find(nsp);
  return found != namespaces_.end() && found->second;
}

bool sio_connection::on_text(std::string_view message) {
  packet whole;
  switch (decoder_.text(message, whole)) {
  case socketio::decoder::result::whole:
    return handle(std::move(whole));
  case socketio::decoder::result::more: // nothing is kept for who has not connected
    return std::ranges::any_of(namespaces_, [](const auto& each) { return each.second; });
  case socketio::decoder::result::malformed:
    break;
  }
  return false;
}

bool sio_connection::on_binary(std::string_view message) {
  packet whole;
  switch (decoder_.binary(message, whole)) {
  case socketio::decoder::result::whole:
    return handle(std::move(whole));
  case socketio::decoder::result::more:
    return true;
  case socketio::decoder::result::malformed:
    break;
  }
  return false;
}

// As the stock servers do: a packet for a namespace that this client is not in ends everything.
bool sio_connection::handle(packet what) {
  if (!app_) return false;
  const auto app = app_;
  const auto nsp = what.nsp;
  if (what.kind == packet_kind::connect) return connect(std::move(what));
  if (!connected(nsp)) return false;
  switch (what.kind) {
  case packet_kind::event:
  case packet_kind::binary_event:
    app->on_event(nsp, std::move(what));
    return true;
  case packet_kind::ack:
  case packet_kind::binary_ack:
    answered(what);
    return true;
  case packet_kind::disconnect:
    namespaces_.erase(nsp);
    app->on_disconnect(nsp);
    if (namespaces_.empty()) wait_for_connect();
    return true;
  case packet_kind::connect:
  case packet_kind::connect_error:
    break;
  }
  return false;
}

bool sio_connection::connect(packet what) {
  if (namespaces_.contains(what.nsp) || namespaces_.size() == limits::namespaces_per_connection_max) return false;
  namespaces_.emplace(what.nsp, false);
  if (what.data.is_null()) what.data = protocol::value::object{};
  const auto app = app_;
  app->on_connect(what.nsp, std::move(what.data));
  return true;
}

void sio_connection::answered(const packet& what) {
  const auto found = asked_.find({what.nsp, *what.id});
  if (found == asked_.end()) return;
  const auto told = std::move(found->second);
  asked_.erase(found);
  told(*what.data.as_array());
}

void sio_connection::accept(const std::string& nsp, const std::string& sid,
                            const std::string& pid) {
  const auto found = namespaces_.find(nsp);
  if (!session_ || found == namespaces_.end()) return;
  found->second = true;
  session_->known();
  protocol::value data{protocol::value::object{}};
  data.set("sid", sid);
  if (!pid.empty()) data.set("pid", pid);
  send(packet_of(packet_kind::connect, nsp, std::move(data)));
}

void sio_connection::refuse(const std::string& nsp, protocol::value error) {
  const auto session = session_; // which may end under it
  if (!session) return;
  namespaces_.erase(nsp);
  session->send_text(
      socketio::render(packet_of(packet_kind::connect_error, nsp, std::move(error))));
  if (namespaces_.empty()) wait_for_connect();
}

void sio_connection::send(const packet& what) {
  if (!session_ || !connected(what.nsp)) return;
  const auto session = session_; // which may end under it
  session->send_text(socketio::render(what));
  for (const auto& each : what.attachments) session->send_binary(each);
}

void sio_connection::ack(const std::string& nsp, std::int64_t id, protocol::value::array items,
                         std::vector<std::string> attachments) {
  auto out = packet_of(packet_kind::ack, nsp, std::move(items));
  out.id = id;
  out.attachments = std::move(attachments);
  send(out);
}

bool sio_connection::ask(const std::string& nsp, std::string_view name, protocol::value data,
                         acked told) {
  if (asked_.size() == limits::acks_awaited_max || !connected(nsp)) return false;
  auto out = socketio::push(nsp, name, std::move(data), {});
  out.id = next_id_++;
  asked_.emplace(std::pair{nsp, *out.id}, std::move(told));
  send(out);
  return true;
}

void sio_connection::disconnect(const std::string& nsp) {
  send(packet_of(packet_kind::disconnect, nsp, {}));
  namespaces_.erase(nsp);
  std::erase_if(asked_, [&](const auto& each) { return each.first.first == nsp; });
}

void sio_connection::close() {
  if (const auto session = session_) session->close();
}

void sio_connection::on_heard() {
  if (const auto app = app_) app->on_heard();
}

void sio_connection::on_close(std::string_view why) {
  const auto keep = shared_from_this();
  const auto app = std::exchange(app_, nullptr);
  namespaces_.clear();
  asked_.clear();
  session_ = nullptr;
  if (app) app->on_close(why);
}

} // namespace strowger::http
