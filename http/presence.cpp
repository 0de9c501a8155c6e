#include "http/handlers.hpp"

#include "http/authenticate.hpp"
#include "protocol/describe.hpp"
#include "protocol/rest/rest.hpp"
#include "protocol/sdp.hpp"

namespace strowger::http::handlers {
namespace {

namespace rest = protocol::rest;
using protocol::value;

void list_extensions(const exchange_ptr& x, bool only_online) {
  using rows = std::vector<answer::extension_row>;
  x->gateway().extensions(x->caller(), only_online,
                          x->then<rows>([only_online](exchange& done, const rows& found) {
                            done.reply(rest::render_extensions(found, only_online));
                          }));
}

// The described struct's members beside "success".
template <described T> value success(const T& what) {
  value out{value::object{}};
  out.set("success", true);
  auto members = protocol::to_value(what);
  for (auto& m : *members.as_object()) out.set(m.name, std::move(m.content));
  return out;
}

} // namespace

void extensions_status(const exchange_ptr& x) { list_extensions(x, false); }
void extensions_connected(const exchange_ptr& x) { list_extensions(x, true); }

void admin_stats(const exchange_ptr& x) {
  x->gateway().stats(x->caller(),
                     x->then<answer::stats>([](exchange& done, const answer::stats& all) {
                       done.reply(success(all));
                     }));
}

void call_initiate(const exchange_ptr& x) {
  auto in = rest::parse_initiate(x->request.body, x->request.query);
  if (x->refused(in)) return;
  auto& parsed = std::get<rest::initiate>(in);
  x->gateway().initiate(x->caller(), {x->who, std::move(parsed.target), std::move(parsed.device)},
                        x->then<answer::dialled>([](exchange& done, const answer::dialled& call) {
                          done.reply(rest::render_dialled(call, {}));
                        }));
}

void call_history(const exchange_ptr& x) {
  auto in = rest::parse_history(x->request.query);
  if (x->refused(in)) return;
  auto wanted = std::move(std::get<request::history>(in));
  wanted.who = x->who;
  x->gateway().history(
      x->caller(), std::move(wanted),
      x->then<answer::call_page>([](exchange& done, const answer::call_page& page) {
        auto body = success(page);
        if (!page.next_cursor) body.set("next_cursor", value{});
        done.reply(body);
      }));
}

void doctor_call(const exchange_ptr& x) {
  auto from = protocol::dial_target(x->request.argument("from"));
  if (x->refused(from)) return;
  auto to = protocol::dial_target(x->request.argument("to"));
  if (x->refused(to)) return;
  auto& caller = std::get<std::string>(from);
  if (!owns(x->who, caller)) return x->refuse({errc::extension_not_owned, {}, 0});
  x->gateway().explain_call(
      x->caller(), caller, std::get<std::string>(to),
      x->then<answer::explanation>(
          [](exchange& done, const answer::explanation& why) { done.reply(success(why)); }));
}

} // namespace strowger::http::handlers
