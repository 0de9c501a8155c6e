#include "http/handlers.hpp"

#include "http/authenticate.hpp"
#include "http/ice.hpp"
#include "http/url.hpp"
#include "protocol/describe.hpp"
#include "protocol/rest/rest.hpp"

namespace strowger::http::handlers {
namespace {

namespace rest = protocol::rest;
using protocol::value;

runtime::done<answer::done> says(const exchange_ptr& x, std::string_view message) {
  return x->then<answer::done>(
      [message](exchange& done, const answer::done&) { done.reply(rest::render_done(message)); });
}

// Hanging up twice is no error, nor is hanging up when there is nothing left to hang up.
bool already_over(errc why, bool call_named) {
  return why == errc::call_over ||
         (!call_named && (why == errc::call_unknown || why == errc::not_in_call));
}

} // namespace

void open_session(const exchange_ptr& x) {
  auto in = rest::parse_open_session(x->request.body);
  if (x->refused(in)) return;
  auto& extension = std::get<std::string>(in);
  if (x->who.tokenless) x->who.number = extension;
  if (!owns(x->who, extension)) return x->refuse({errc::extension_not_owned, {}, 0});
  request::open_session wanted{x->who, extension, std::string{x->request.header("user-agent")}};
  x->gateway().open_session(
      x->caller(), std::move(wanted),
      x->then<answer::session_row>([](exchange& done, const answer::session_row& row) {
        done.reply(rest::render_session(row, done.ice()));
      }));
}

void get_session(const exchange_ptr& x) {
  x->gateway().session_get(
      x->caller(), session_id{x->parameter("id")},
      x->then<answer::session_row>([](exchange& done, const answer::session_row& row) {
        auto body = rest::render_session(row, done.ice());
        if (row.answer) body.set("answer", *row.answer);
        done.reply(body);
      }));
}

void close_session(const exchange_ptr& x) {
  x->gateway().close_session(x->caller(), session_id{x->parameter("id")},
                             says(x, "Session closed"));
}

void list_sessions(const exchange_ptr& x) {
  using rows = std::vector<answer::session_row>;
  x->gateway().sessions(x->caller(), x->then<rows>([](exchange& done, rows found) {
    // A session id is the authority over its session: a caller without a token sees that sessions
    // exist, not how to speak for them.
    if (done.who.tokenless)
      for (auto& row : found) row.session.value = row.session.value.substr(0, 6) + "...";
    for (auto& row : found) row.answer.reset();
    done.reply(rest::render_sessions(found));
  }));
}

void session_offer(const exchange_ptr& x) {
  auto in = rest::parse_sdp(x->request.body);
  if (x->refused(in)) return;
  auto& offer = std::get<rest::session_sdp>(in);
  x->gateway().session_offer(
      x->caller(), offer.session, std::move(offer.sdp),
      x->then<answer::session_row>([](exchange& done, const answer::session_row& row) {
        auto body = rest::render_done("Offer received");
        if (row.answer) body.set("answer", *row.answer);
        done.reply(body);
      }));
}

void session_answer(const exchange_ptr& x) {
  auto in = rest::parse_sdp(x->request.body);
  if (x->refused(in)) return;
  auto& sdp = std::get<rest::session_sdp>(in);
  x->gateway().session_answer(x->caller(), sdp.session, std::move(sdp.sdp),
                              says(x, "Answer received"));
}

void session_candidate(const exchange_ptr& x) {
  auto in = rest::parse_candidate(x->request.body);
  if (x->refused(in)) return;
  auto& found = std::get<rest::session_candidate>(in);
  x->gateway().session_candidate(x->caller(), found.session, std::move(found.what),
                                 says(x, "ICE candidate added"));
}

void session_call(const exchange_ptr& x) {
  auto in = rest::parse_call(x->request.body);
  if (x->refused(in)) return;
  auto& call = std::get<rest::session_dial>(in);
  const auto message = "Call initiated to " + call.what.target;
  x->gateway().session_dial(
      x->caller(), call.session, std::move(call.what),
      x->then<answer::dialled>([message](exchange& done, const answer::dialled& made) {
        done.reply(rest::render_dialled(made, message));
      }));
}

void session_hangup(const exchange_ptr& x) {
  auto in = rest::parse_hangup(x->request.body);
  if (x->refused(in)) return;
  auto& act = std::get<rest::session_act>(in);
  const bool named = act.call.has_value();
  x->gateway().session_act(x->caller(), act.session, act.call, std::move(act.what),
                           [x, named](outcome<answer::call_state> out) {
                             const auto* why = std::get_if<failure>(&out);
                             if (why && !already_over(why->why, named)) return x->refuse(*why);
                             x->reply(rest::render_done("Call ended"));
                           });
}

void session_dtmf(const exchange_ptr& x) {
  auto in = rest::parse_dtmf(x->request.body);
  if (x->refused(in)) return;
  auto& act = std::get<rest::session_act>(in);
  x->gateway().session_act(
      x->caller(), act.session, act.call, std::move(act.what),
      x->then<answer::call_state>([](exchange& done, const answer::call_state&) {
        done.reply(rest::render_done("DTMF sent"));
      }));
}

void ice_server_list(const exchange_ptr& x) { x->reply(x->ice()); }

void phone_config(const exchange_ptr& x) {
  value out{value::object{}};
  if (!x->who.number.empty()) out.set("extension", x->who.number);
  out.set("ws_uri", ws_uri(x->opt(), x->request))
      .set("ice_servers", x->ice())
      .set("ring_timeout_ms", x->opt().ring_timeout_ms)
      .set("features", protocol::to_value(x->opt().features));
  x->reply(out);
}

} // namespace strowger::http::handlers
