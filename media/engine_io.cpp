// Datagrams: what kind they are, whose they are, and how answers leave.
#include "media/engine.hpp"

#include <algorithm>

namespace strowger::media {

void engine::datagram(const address& from, room content, bool oversized) {
  if (oversized) return count(drop::oversized);
  const auto kind = kind_of(content);
  if (kind == datagram_kind::stun) return on_stun(from, content);
  if (kind == datagram_kind::unknown) return count(drop::malformed);
  const auto found = by_address_.find(from);
  if (found == by_address_.end()) return count(drop::unknown_address);
  auto& way = *found->second;
  if (kind == datagram_kind::rtp) return on_rtp(way, content);
  if (kind == datagram_kind::rtcp) return on_rtcp(way, content);
  on_dtls(way, content);
}

void engine::on_stun(const address& from, bytes content) {
  stun::message in;
  if (!stun::parse(content, in)) return count(drop::malformed);
  if (in.type != stun::type::request) return; // consent and keep-alive indications; no answers
  if (!in.username) return count(drop::unknown_user);
  const std::string_view user{reinterpret_cast<const char*>(in.username->data()),
                              in.username->size()};
  const auto found = by_ufrag_.find(user.substr(0, user.find(':')));
  if (found == by_ufrag_.end()) return count(drop::unknown_user);
  auto& t = *found->second;
  stun::writer response{stun::type::success, in.transaction};
  const auto said = t.ice.check(content, in, from, response);
  path* way = nullptr;
  if (said.what == ice_agent::verdict::accepted) {
    if (said.restarted) {
      by_ufrag_.erase(by_ufrag_.find(t.ice.former_ufrag()));
      t.ice.forget_former();
    }
    way = authenticated(t, from);
    if (!way) return;
  } else if (said.what == ice_agent::verdict::bad_integrity) {
    count(drop::bad_integrity, &t);
  } else if (said.what == ice_agent::verdict::replayed) {
    count(drop::replayed, &t);
  }
  if (said.has_response) {
    path once; // an error goes to where the request came from, which need not become a path
    if (!way) once.peer = udp_.peer_of(from);
    send_now(way ? *way : once, response.finish());
  }
  if (!way) return;
  authentic(t);
  way->seen_us = now_us_;
  constexpr std::int64_t stale_us = 8'000'000; // clients check every few seconds
  if (said.nominated || !t.selected || now_us_ - t.selected->seen_us > stale_us) select(t, *way);
  begin_dtls(t, *way);
}

// Whose media came from there just now, over a path that DTLS went to and fro on: a request with
// another client's password from the same address has a forged source.
bool engine::held(const path& by) const {
  return by.proven && now_us_ - by.authentic_us < 1000 * limits::media_path_held_ms;
}

path* engine::authenticated(transport& t, const address& from) {
  if (const auto known = by_address_.find(from); known != by_address_.end()) {
    if (known->second->owner == &t) return known->second;
    if (held(*known->second)) return count(drop::address_held, &t), nullptr;
    // The same client address speaks for another transport now (a socket used anew): the password
    // decides, and the former owner has to show its own again.
    auto& former = *known->second->owner;
    const auto index =
        std::ranges::find_if(former.paths, [&](const auto& p) { return p.get() == known->second; });
    drop_path(former, static_cast<std::size_t>(index - former.paths.begin()), false);
  }
  if (t.paths.size() >= limits::media_tuples_max) { // the one unused for longest goes
    std::size_t oldest = t.paths.size();
    for (std::size_t i = 0; i < t.paths.size(); ++i) {
      if (t.paths[i].get() == t.selected) continue;
      if (oldest == t.paths.size() || t.paths[i]->seen_us < t.paths[oldest]->seen_us) oldest = i;
    }
    if (oldest == t.paths.size()) return count(drop::too_many, &t), nullptr;
    drop_path(t, oldest);
  }
  auto made = std::make_unique<path>();
  made->peer = udp_.peer_of(from);
  made->owner = &t;
  made->seen_us = now_us_;
  by_address_.emplace(from, made.get());
  if (from.connection && tcp_) tcp_->authentic(from.connection);
  t.paths.push_back(std::move(made));
  return t.paths.back().get();
}

void engine::select(transport& t, path& to) {
  if (t.selected == &to) return;
  t.selected = &to;
  say(&t, happened::tuple_changed{text_of(to.peer.to)});
}

void engine::drop_path(transport& t, std::size_t index, bool ends_line) {
  auto* gone = t.paths[index].get();
  by_address_.erase(gone->peer.to);
  if (ends_line && gone->peer.to.connection) tcp_doomed_.push_back(gone->peer.to.connection);
  if (t.handshake_path == gone) t.handshake_path = nullptr;
  const bool was_selected = t.selected == gone;
  if (was_selected) t.selected = nullptr;
  t.paths.erase(t.paths.begin() + static_cast<std::ptrdiff_t>(index));
  if (!was_selected || t.paths.empty()) return;
  const auto freshest =
      std::ranges::max_element(t.paths, {}, [](const auto& p) { return p->seen_us; });
  select(t, **freshest);
}

void engine::connection_closed(std::uint32_t number) {
  for (const auto& [where, way] : by_address_) { // rare: a scan will do
    if (where.connection != number) continue;
    auto& t = *way->owner;
    const auto index = std::ranges::find_if(t.paths, [&](const auto& p) { return p.get() == way; });
    return drop_path(t, static_cast<std::size_t>(index - t.paths.begin()));
  }
}

room engine::send_room() { return udp_.slot(); }

void engine::send_slot(path& to, room slot, std::size_t size) {
  if (to.peer.to.connection == 0) return udp_.send(to.peer, size);
  if (!tcp_ || !tcp_->send(to.peer.to.connection, slot.first(size)))
    count(drop::send_failed, to.owner);
}

void engine::send_now(path& to, bytes content) {
  const auto slot = send_room();
  if (content.size() > slot.size()) return;
  std::ranges::copy(content, slot.begin());
  send_slot(to, slot, content.size());
}

} // namespace strowger::media
