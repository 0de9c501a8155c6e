// DTLS of each transport: begun by the first authentic STUN request, bounded in time and number.
#include "media/engine.hpp"

#include "observe/metrics.hpp"

#include <algorithm>
#include <openssl/crypto.h>

namespace strowger::media {

void engine::authentic(transport& t) {
  t.authentic_us = now_us_;
  if (!t.silent) return;
  t.silent = false;
  say(&t, happened::transport_heard{});
}

void engine::begin_dtls(transport& t, path& over) {
  if (t.dtls) {
    if (t.state == dtls_state::connecting && !t.handshake_path) t.handshake_path = &over;
    return;
  }
  if (t.state != dtls_state::idle) return;
  // Who begins is known only when the client has said which role it takes; as server we can wait.
  const bool client = t.remote && t.remote->role == dtls_role::server;
  if (!t.remote) return;
  if (handshakes_.size() >= limits::media_handshakes_max) return count(drop::too_many, &t);
  t.handshake_path = &over;
  t.handshake_us = now_us_;
  t.state = dtls_state::connecting;
  t.listed = true;
  handshakes_.push_back(&t);
  t.dtls = std::make_unique<dtls_association>(dtls_context_, client, [this, &t](bytes flight) {
    auto* way = t.handshake_path ? t.handshake_path : t.selected;
    if (way) send_now(*way, flight);
  });
  t.dtls->start();
  dtls_moved(t);
}

void engine::on_dtls(path& from, bytes content) {
  auto& t = *from.owner;
  if (!looks_like_dtls(content)) return count(drop::malformed, &t);
  if (!t.dtls) return count(drop::handshake, &t);
  if (t.state == dtls_state::connecting) {
    if (++t.handshake_datagrams > limits::media_handshake_datagrams_max)
      return count(drop::handshake, &t);
    if (t.handshake_datagrams > 1 && t.handshake_path != &from) t.handshake_moved = true;
    t.handshake_path = &from;
  } else if (t.state != dtls_state::connected) {
    return count(drop::handshake, &t);
  }
  t.dtls->receive(content);
  dtls_moved(t);
}

void engine::dtls_moved(transport& t) {
  using state = dtls_association::state;
  switch (t.dtls->now()) {
  case state::handshaking:
    return;
  case state::done:
    if (t.state == dtls_state::connecting) dtls_done(t);
    return;
  case state::closed:
    if (t.state == dtls_state::closed) return;
    t.state = dtls_state::closed;
    doomed_.emplace_back(&t, close_reason::close_notify);
    return;
  case state::failed:
    if (t.state == dtls_state::failed) return;
    if (t.state == dtls_state::connecting)
      metrics::add(metrics::counter::media_handshakes, "failed");
    t.state = dtls_state::failed;
    doomed_.emplace_back(&t, close_reason::dtls_failed);
    return;
  }
}

void engine::dtls_done(transport& t) {
  std::erase(handshakes_, &t);
  t.listed = false;
  srtp_key from_peer, to_peer;
  const auto profile = t.dtls->profile();
  if (profile && t.dtls->peer_is(t.remote->fingerprints) && t.dtls->keys(from_peer, to_peer))
    t.srtp = srtp_session::make(*profile, from_peer, to_peer);
  for (auto* key : {&from_peer, &to_peer}) OPENSSL_cleanse(key->bytes.data(), key->bytes.size());
  if (!t.srtp) { // another certificate than was announced, or no profile that both have
    metrics::add(metrics::counter::media_handshakes, "failed");
    t.state = dtls_state::failed;
    doomed_.emplace_back(&t, close_reason::dtls_failed);
    return;
  }
  metrics::add(metrics::counter::media_handshakes, "ok");
  t.state = dtls_state::connected;
  t.srtp_name = name_of(*profile);
  t.report_us = now_us_ + 500'000;
  authentic(t);
  if (auto* over = t.handshake_path; over && !t.handshake_moved) {
    over->proven = true;
    over->authentic_us = now_us_;
  }
  say(&t, happened::transport_connected{t.srtp_name});
  for (auto* c : t.consumers)
    if (c->from && c->kind == kind::video) want_key_frame(*c->from);
}

void engine::dtls_ticks() {
  const auto bound =
      1000 * (options_.dtls_timeout_ms ? options_.dtls_timeout_ms : limits::media_dtls_ms);
  for (std::size_t i = 0; i < handshakes_.size();) {
    auto& t = *handshakes_[i];
    if (t.state == dtls_state::connecting && now_us_ - t.handshake_us > bound) {
      metrics::add(metrics::counter::media_handshakes, "timeout");
      t.state = dtls_state::failed;
      doomed_.emplace_back(&t, close_reason::dtls_timeout);
    } else if (t.state == dtls_state::connecting) {
      t.dtls->elapsed();
      dtls_moved(t);
    }
    if (t.state == dtls_state::connecting) {
      ++i;
    } else {
      t.listed = false;
      std::erase(handshakes_, &t);
    }
  }
}

} // namespace strowger::media
