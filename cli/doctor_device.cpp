#include "cli/doctor_device.hpp"

#include "http/url.hpp"
#include "protocol/json.hpp"

#include <algorithm>

namespace strowger::cli::examination {

using protocol::value;
using clock = std::chrono::steady_clock;

constexpr std::size_t unread_max = 1024; // pushes of a busy extension that nobody asked for

result<device> device::open(const patient& p, std::string_view number, std::string_view resume) {
  auto made = web_socket::open(
      p.web, "/ws?extension=" + http::percent_encode(number) + std::string{resume}, p.token);
  if (auto* why = std::get_if<fault>(&made)) return *why;
  return device{std::move(std::get<web_socket>(made)), p.web.within()};
}

result<value> device::next(std::string_view type, std::string_view call) {
  return wait_for([&](const value& m) {
    return text_at(m, {"type"}) == type && (call.empty() || text_at(m, {"data", "callId"}) == call);
  });
}

result<value> device::ask(std::string_view type, value data) {
  const auto id = ++last_id_;
  value message{value::object{}};
  message.set("type", type).set("id", id).set("data", std::move(data));
  if (auto sent = socket_.send(protocol::write_json(message));
      auto* why = std::get_if<fault>(&sent))
    return *why;
  auto reply = wait_for([&](const value& m) {
    std::int64_t theirs = 0;
    const auto kind = text_at(m, {"type"});
    const auto* found = m.find("id");
    return (kind == "reply" || kind == "pong") && found && found->as_integer(theirs) &&
           theirs == id;
  });
  const auto* got = std::get_if<value>(&reply);
  if (got == nullptr) return reply;
  if (const auto error = text_at(*got, {"data", "error"}); !error.empty())
    return fault{trouble::other, error, 0};
  const auto* content = got->find("data");
  return content == nullptr ? value{} : *content;
}

result<value> device::wait_for(const std::function<bool(const value&)>& wanted) {
  const auto until = clock::now() + std::chrono::milliseconds{within_};
  for (;;) {
    const auto it = std::ranges::find_if(seen_, wanted);
    if (it != seen_.end()) {
      auto out = std::move(*it);
      seen_.erase(it);
      return out;
    }
    auto text = socket_.receive(until);
    if (auto* why = std::get_if<fault>(&text)) return *why;
    if (seen_.size() >= unread_max) return fault{trouble::other, "too many messages came", 0};
    seen_.push_back(json_of(std::get<std::string>(text)));
    std::int64_t at = 0;
    if (const auto* found = seen_.back().find("position"); found && found->as_integer(at))
      position_ = std::max(position_, at);
  }
}

std::string broken(const patient& p, const fault& why) {
  return why.what == trouble::timed_out
             ? "did not come within " + std::to_string(p.web.within() / 1000) + " s"
             : "failed: " + words_of(why, p);
}

} // namespace strowger::cli::examination
