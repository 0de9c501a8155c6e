#include "bench/load/fleet.hpp"

namespace strowger::load {
namespace {

constexpr nanos second = 1'000'000'000, try_again_after = 50'000'000;

} // namespace

bool fleet::grow_to(std::size_t count, std::size_t at_once, int patience_s) {
  const auto until = now() + patience_s * second;
  std::size_t next = devices_.size();
  nanos again_at = 0;
  while (ready_ < count && now() < until) {
    for (; next < count && under_way_ < at_once; ++next) {
      devices_.push_back(std::make_unique<socket>(loop_, *this, next));
      in_.push_back(false);
      if (target_.speaks() == wire::janus) phones_.emplace_back(number_of(next));
      open(next);
    }
    if (!waiting_.empty() && now() >= again_at) {
      again_at = now() + try_again_after;
      const auto tries = std::move(waiting_);
      waiting_.clear();
      for (const auto device : tries) open(device);
    }
    loop_.turn(now() + try_again_after);
  }
  return ready_ >= count;
}

void fleet::open(std::size_t device) {
  ++under_way_;
  auto where = target_.at();
  // 28,000 ports each: more source addresses of this machine for more devices.
  where.from = "127.0.0." + std::to_string(1 + device / 8192);
  devices_[device]->open(where, target_.path_of(device), target_.fields_of(device));
}

std::string fleet::message(std::string_view event, std::string_view text) const {
  if (target_.speaks() != wire::socketio) return std::string{text};
  return "42[\"" + std::string{event} + "\"," + std::string{text} + "]";
}

void fleet::say(std::size_t device, std::string_view type, std::uint64_t id, std::string_view key,
                std::string_view value) {
  if (target_.speaks() == wire::janus) return send(device, phones_[device].say(type, value));
  std::string text;
  text.reserve(128);
  text.append(R"({"type":")").append(type).append(R"(","id":)").append(std::to_string(id));
  text.append(R"(,"data":{")").append(key).append("\":\"").append(value).append("\"}}");
  send(device, message(type, text));
}

void fleet::joined(socket& s) {
  in_[s.tag()] = true;
  ++ready_;
  --under_way_;
}

void fleet::opened(socket& s) {
  if (target_.speaks() == wire::plain) joined(s);
  if (target_.speaks() == wire::janus) s.send(phones_[s.tag()].first_words());
}

void fleet::heard(socket& s, std::string_view text) {
  if (target_.speaks() == wire::socketio && text == "2") return s.send("3"); // Engine.IO's ping
  if (target_.speaks() == wire::janus) return heard_of_janus(s, text);
  if (in_[s.tag()]) {
    if (on_message) on_message(s.tag(), text);
    return;
  }
  if (target_.speaks() == wire::native && text.starts_with(R"({"type":"connected")")) joined(s);
  if (target_.speaks() == wire::socketio && text.starts_with("0{")) s.send("40"); // connect to "/"
  if (target_.speaks() == wire::socketio && text.starts_with("40")) joined(s);
}

void fleet::heard_of_janus(socket& s, std::string_view text) {
  auto& phone = phones_[s.tag()];
  if (in_[s.tag()]) {
    const auto news = phone.heard(text);
    if (!news.back.empty()) s.send(news.back);
    if (!news.ours.empty() && on_message) on_message(s.tag(), news.ours);
    return;
  }
  if (const auto next = phone.signing_in(text); !next.empty()) s.send(next);
  if (phone.registered()) joined(s);
}

void fleet::closed(socket& s, std::string_view why) {
  last_refusal_ = why;
  if (in_[s.tag()]) {
    in_[s.tag()] = false;
    --ready_;
    if (on_lost) on_lost(s.tag(), why);
    return;
  }
  --under_way_;
  ++refused_;
  waiting_.push_back(s.tag());
}

} // namespace strowger::load
