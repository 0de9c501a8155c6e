// `webrtc:*`, one by one: read, checked against the board, done by the relay, answered.
#include "media/desk.hpp"

#include <array>

namespace strowger::media {
namespace {

using protocol::value;

value object() { return value{value::object{}}; }

} // namespace

desk::handler desk::handler_of(std::string_view name) {
  struct row {
    std::string_view name;
    handler what;
  };
  static constexpr std::array rows{
      row{"webrtc:get-router-capabilities", &desk::get_capabilities},
      row{"webrtc:create-transport", &desk::create_transport},
      row{"webrtc:connect-transport", &desk::connect_transport},
      row{"webrtc:produce", &desk::produce},
      row{"webrtc:consume", &desk::consume},
      row{"webrtc:pause-producer", &desk::pause_producer},
      row{"webrtc:resume-producer", &desk::resume_producer},
      row{"webrtc:close-producer", &desk::close_producer},
      row{"webrtc:pause-consumer", &desk::pause_consumer},
      row{"webrtc:resume-consumer", &desk::resume_consumer},
      row{"webrtc:close-consumer", &desk::close_consumer},
      row{"webrtc:restart-ice", &desk::restart_ice},
      row{"webrtc:get-stats", &desk::get_stats},
  };
  for (const auto& each : rows)
    if (each.name == name) return each.what;
  return nullptr;
}

bool desk::knows(std::string_view name) { return handler_of(name) != nullptr; }

void desk::ask(const runtime::caller& c, const device_id& device, std::string_view name,
               const value& data, reply how) {
  const auto what = handler_of(name);
  if (!what) return how(failure{errc::unknown_message, std::string{name.substr(0, 64)}, 0});
  if (!carrier()) return how(failure{errc::media_unavailable, {}, 0});
  (this->*what)({c.lane, {c.who.tenant, device}, data, std::move(how)});
}

void desk::get_capabilities(const request& r) {
  static const auto all = wire::render(wire::router_capabilities());
  r.how(object().set("capabilities", all));
}

void desk::create_transport(const request& r) {
  auto in = wire::parse_create_transport(r.data);
  if (const auto* why = std::get_if<failure>(&in)) return r.how(*why);
  const auto wanted = std::get<wire::create_transport>(std::move(in));
  std::lock_guard lock{mutex_};
  if (auto why = board_.may_create(r.who, wanted.call)) return r.how(*why);
  if (!relay_) return r.how(failure{errc::media_unavailable, {}, 0});
  const transport_options with{r.who.tenant.value + "/" + r.who.device.value,
                               wanted.from_client ? direction::from_client : direction::to_client};
  relay_->create_transport(r.on, with,
                           [self = shared_from_this(), who = r.who, on = r.on, how = r.how,
                            wanted](const result<media::transport_made>& made) {
                             if (!made) return how(failure_of(made.why));
                             static const value nothing;
                             self->transport_made({on, who, nothing, how}, wanted, made.value);
                           });
}

void desk::transport_made(const request& r, const wire::create_transport& wanted,
                          const media::transport_made& made) {
  {
    std::lock_guard lock{mutex_};
    if (auto why = board_.may_create(r.who, wanted.call)) { // others were made meanwhile
      if (relay_) relay_->close_transport({}, made.id, {});
      return r.how(*why);
    }
    board_.created(r.who, made.id, wanted.from_client ? way::from_client : way::to_client,
                   wanted.call, steady_());
  }
  wire::transport_view out{made.id.value, made.ice.ufrag, made.ice.password, {}, {}};
  for (const auto& c : made.candidates)
    out.candidates.push_back({c.foundation, c.priority, c.ip, c.port, c.tcp});
  for (const auto& f : made.fingerprints) out.fingerprints.push_back({f.algorithm, f.value});
  r.how(wire::render(out));
}

void desk::connect_transport(const request& r) {
  auto in = wire::parse_connect_transport(r.data);
  if (const auto* why = std::get_if<failure>(&in)) return r.how(*why);
  const auto& wanted = std::get<wire::connect_transport>(in);
  const transport_id id{wanted.transport};
  remote_dtls dtls{wanted.role == wire::dtls_role::server ? dtls_role::server : dtls_role::client};
  for (const auto& f : wanted.fingerprints) dtls.fingerprints.push_back({f.algorithm, f.value});
  std::lock_guard lock{mutex_};
  if (!board_.has(r.who, id)) return r.how(failure{errc::transport_unknown, "transportId", 0});
  if (!relay_) return r.how(failure{errc::media_unavailable, {}, 0});
  relay_->connect_transport(r.on, id, std::move(dtls), [how = r.how](const result<nothing>& done) {
    if (!done) return how(failure_of(done.why));
    how(object());
  });
}

void desk::produce(const request& r) {
  auto in = wire::parse_produce(r.data);
  if (const auto* why = std::get_if<failure>(&in)) return r.how(*why);
  auto wanted = std::get<wire::produce>(std::move(in));
  if (auto why = wire::unsupported(wanted.rtp, wanted.kind)) return r.how(*why);
  const transport_id on{wanted.transport};
  // Without a name for its source a browser plays nothing.
  if (wanted.rtp.cname.empty()) wanted.rtp.cname = wanted.transport.substr(0, 16);
  std::lock_guard lock{mutex_};
  if (auto why = board_.may_produce(r.who, on)) return r.how(*why);
  if (!relay_) return r.how(failure{errc::media_unavailable, {}, 0});
  const producer_options with{wanted.kind == wire::media_kind::audio ? kind::audio : kind::video,
                              to_relay(wanted.rtp), wanted.paused};
  relay_->produce(r.on, on, with,
                  [self = shared_from_this(), who = r.who, how = r.how, on,
                   wanted](const result<producer_id>& made) {
                    if (!made) return how(failure_of(made.why));
                    {
                      std::lock_guard lock{self->mutex_};
                      effects out;
                      self->board_.produced(who, on, made.value, wanted.kind, wanted.rtp,
                                            wanted.paused, out);
                      self->run(out);
                    }
                    how(object().set("id", made.value.value).set("producerId", made.value.value));
                  });
}

void desk::consume(const request& r) {
  auto in = wire::parse_consume(r.data);
  if (const auto* why = std::get_if<failure>(&in)) return r.how(*why);
  auto wanted = std::get<wire::consume>(std::move(in));
  std::lock_guard lock{mutex_};
  failure why;
  const transport_id on{wanted.transport};
  const auto* from = board_.may_consume(r.who, on, producer_id{wanted.producer}, why);
  if (!from) return r.how(why);
  auto rtp = wire::consumer_parameters(from->rtp, from->kind, wanted.capabilities);
  if (!rtp) return r.how(failure{errc::cannot_consume, "rtpCapabilities", 0});
  if (!relay_) return r.how(failure{errc::media_unavailable, {}, 0});
  // Held back until the board has it: the call may be on hold.
  const consumer_options with{to_relay(*rtp), true, true};
  relay_->consume(r.on, on, producer_id{wanted.producer}, with,
                  [self = shared_from_this(), who = r.who, how = r.how, wanted, rtp = *rtp,
                   kind = from->kind](const result<media::consumer_made>& made) {
                    if (!made) return how(failure_of(made.why));
                    self->consumer_made(who, wanted, rtp, kind, made.value, how);
                  });
}

void desk::consumer_made(const owner& who, const wire::consume& wanted, wire::rtp_parameters rtp,
                         wire::media_kind kind, const media::consumer_made& made,
                         const reply& how) {
  {
    std::lock_guard lock{mutex_};
    const transport_id on{wanted.transport};
    const auto flows = board_.consumed(who, on, made.id, producer_id{wanted.producer},
                                       rtp.codecs.front().payload_type, wanted.paused);
    if (!flows) { // closed while the relay was at it: nobody would tell of its end any more
      if (relay_) relay_->close_consumer({}, made.id, {});
      const bool there = board_.has(who, on);
      return how(there ? failure{errc::producer_unknown, "producerId", 0}
                       : failure{errc::transport_unknown, "transportId", 0});
    }
    if (*flows && relay_) relay_->pause_consumer({}, made.id, false, {});
    effects out;
    board_.follow(made.id, out);
    run(out);
  }
  auto& first = rtp.encodings.front();
  first.ssrc = made.ssrc;
  first.rtx_ssrc = made.rtx_ssrc;
  how(object()
          .set("id", made.id.value)
          .set("consumerId", made.id.value)
          .set("producerId", wanted.producer)
          .set("kind", wire::name_of(kind))
          .set("type", "simple")
          .set("producerPaused", made.producer_paused)
          .set("rtpParameters", wire::render(rtp)));
}

// Whether it is this device's; else that is the answer.
template <class Id> bool desk::find(const request& r, wire::subject what, Id& id) {
  auto in = wire::parse_about(r.data, {what});
  if (const auto* why = std::get_if<failure>(&in)) return r.how(*why), false;
  id = Id{std::get<wire::about>(in).id};
  if (board_.has(r.who, id)) return true;
  const auto error = what == wire::subject::transport  ? errc::transport_unknown
                     : what == wire::subject::producer ? errc::producer_unknown
                                                       : errc::consumer_unknown;
  return r.how(failure{error, {}, 0}), false;
}

template <class Id> void desk::pause(const request& r, bool on) {
  constexpr auto what =
      std::is_same_v<Id, producer_id> ? wire::subject::producer : wire::subject::consumer;
  std::lock_guard lock{mutex_};
  Id id;
  if (!find(r, what, id)) return;
  effects out;
  board_.pause(id, on, out);
  run(out);
  r.how(object());
}

void desk::close_producer(const request& r) {
  std::lock_guard lock{mutex_};
  producer_id id;
  if (!find(r, wire::subject::producer, id)) return;
  if (relay_) relay_->close_producer({}, id, {});
  effects out;
  board_.closed(id, true, out);
  run(out);
  r.how(object());
}

void desk::close_consumer(const request& r) {
  std::lock_guard lock{mutex_};
  consumer_id id;
  if (!find(r, wire::subject::consumer, id)) return;
  if (relay_) relay_->close_consumer({}, id, {});
  effects out;
  board_.closed(id, false, out);
  run(out);
  r.how(object());
}

void desk::restart_ice(const request& r) {
  std::lock_guard lock{mutex_};
  transport_id id;
  if (!find(r, wire::subject::transport, id)) return;
  if (!relay_) return r.how(failure{errc::media_unavailable, {}, 0});
  relay_->restart_ice(r.on, id, [how = r.how](const result<ice_parameters>& fresh) {
    if (!fresh) return how(failure_of(fresh.why));
    how(object().set("iceParameters", wire::render_ice(fresh.value.ufrag, fresh.value.password)));
  });
}

void desk::get_stats(const request& r) {
  using enum wire::subject;
  auto in = wire::parse_about(r.data, {transport, producer, consumer});
  if (const auto* why = std::get_if<failure>(&in)) return r.how(*why);
  const auto& about = std::get<wire::about>(in);
  const auto tell = [how = r.how](const auto& figures) {
    if (!figures) return how(failure_of(figures.why));
    how(object().set("stats", render(figures.value)));
  };
  std::lock_guard lock{mutex_};
  const auto ask_for = [&](auto id) {
    if (!find(r, about.what, id)) return;
    if (!relay_) return r.how(failure{errc::media_unavailable, {}, 0});
    relay_->stats(r.on, id, tell);
  };
  if (about.what == transport) return ask_for(transport_id{});
  if (about.what == producer) return ask_for(producer_id{});
  ask_for(consumer_id{});
}

} // namespace strowger::media
