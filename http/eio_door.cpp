#include "http/eio_door.hpp"

#include "http/convert.hpp"
#include "http/eio_session.hpp"
#include "http/origin.hpp"

namespace strowger::http {
namespace {

using refusal = socketio::engine_refusal;
using session_ptr = std::shared_ptr<eio_session>;

struct finding {
  std::optional<refusal> fault;
  session_ptr session; // null: a handshake
};

// In the order of the stock servers, so that a wrong request is called wrong in the same way.
finding look_at(const state& shared, const http_request& request) {
  const auto transport = request.argument("transport");
  const bool socket = transport == "websocket";
  if (!socket && transport != "polling") return {refusal::unknown_transport, {}};
  if (classify_origin(request, shared.opt) == origin_kind::foreign) return {refusal::forbidden, {}};
  finding out;
  if (const auto sid = request.argument("sid"); !sid.empty()) {
    out.session = shared.engine.find(std::string{sid});
    if (!out.session) return {refusal::unknown_sid, {}};
  } else if (request.verb != method::get) {
    return {refusal::bad_handshake_method, {}};
  }
  if (request.verb != method::get && request.verb != method::post)
    return {refusal::bad_request, {}};
  if (socket != request.upgrade) return {refusal::bad_request, {}};
  if (request.argument("EIO") != "4") return {refusal::unsupported_version, {}};
  if (lower_case(request.header("content-type")).starts_with("application/octet-stream"))
    return {refusal::bad_request, {}}; // binary is Base64 in this revision
  // RFC 6455, section 4.2.1.
  if (socket && (request.header("sec-websocket-version") != "13" ||
                 request.header("sec-websocket-key").empty()))
    return {refusal::bad_request, {}};
  return out;
}

bool may_open(const state& shared) {
  if (shared.draining) return false;
  return !shared.opt.engine.needs_site || shared.serving();
}

eio_session::responder responder_of(const exchange_ptr& x) {
  return [x](http_response response) {
    x->lane->post([x, response = std::move(response)]() mutable { x->send(std::move(response)); });
  };
}

eio_table::bounds most(const state& shared) {
  return {shared.opt.engine.sessions_max, shared.opt.engine.unknown_per_peer_max};
}

session_ptr new_session(const std::shared_ptr<state>& shared, const std::shared_ptr<lane>& on,
                        http_request request) {
  auto out = std::make_shared<eio_session>(shared, on, std::move(request));
  session_ptr gives_way;
  const auto said =
      shared->engine.add(out->sid(), out->request().peer, out, most(*shared), gives_way);
  if (gives_way) gives_way->cut();
  return said == eio_table::verdict::in ? out : nullptr;
}

void wait_for_messages(const exchange_ptr& x, const session_ptr& session) {
  const void* key = x.get();
  x->gone = [session, key] { session->on()->post([session, key] { session->poll_gone(key); }); };
  session->on()->post([session, key, answer = responder_of(x)] { session->poll(key, answer); });
}

} // namespace

bool is_engine_path(const options& opt, std::string_view path) {
  const std::string_view own{opt.engine.path};
  return path == own || (path.size() + 1 == own.size() && own.starts_with(path));
}

eio_post::eio_post(const state& shared, const http_request& head) :
    session_(shared.engine.find(std::string{head.argument("sid")})) {
  if (!session_) return;
  overlaps_ = !session_->begin_post();
  if (overlaps_) session_->on()->post([session = session_] { session->overlap(); });
}

eio_post::~eio_post() {
  if (session_ && !overlaps_) session_->end_post();
}

bool answer_engine(const exchange_ptr& x, const std::shared_ptr<lane>& on, bool overlaps) {
  auto found = look_at(*x->shared, x->request);
  if (overlaps && !found.fault) found.fault = refusal::bad_request;
  if (found.fault) {
    x->send(eio_refusal(*found.fault, x->request.path));
    return true;
  }
  if (!found.session && !may_open(*x->shared)) {
    x->refuse({errc::hub_not_available, {}, 1000});
    return true;
  }
  if (!found.session) {
    const auto said = x->shared->engine.look(x->request.peer, most(*x->shared));
    const bool of_peer = said == eio_table::verdict::too_many_of_peer;
    if (said != eio_table::verdict::in) {
      x->refuse({of_peer ? errc::too_many_sessions : errc::busy, {}, 1000});
      return true;
    }
  }
  if (x->request.upgrade) return false;
  if (!found.session) {
    const auto session = new_session(x->shared, on, x->request);
    if (session)
      session->open_by_poll(responder_of(x));
    else
      x->refuse({errc::busy, {}, 1000});
  } else if (x->request.verb == method::get) {
    wait_for_messages(x, found.session);
  } else {
    found.session->on()->post([session = found.session, body = std::move(x->request.body),
                               answer = responder_of(x)] { session->take(body, answer); });
  }
  return true;
}

void start_engine(handoff from, any_stream stream) {
  const auto on = from.on;
  const auto shared = from.shared;
  const bool upgrade = !from.request.argument("sid").empty();
  auto session = upgrade ? shared->engine.find(std::string{from.request.argument("sid")})
                         : new_session(shared, on, from.request);
  const auto socket = std::make_shared<eio_socket>(std::move(from), std::move(stream));
  socket->start(session); // without one, it is closed at once
  if (!session) return;
  if (!upgrade) return session->open_by_socket(socket);
  session->on()->post([session, socket] { session->probe(socket); });
}

} // namespace strowger::http
