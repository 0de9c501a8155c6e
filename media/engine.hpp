// The relay's thread: one epoll loop over the UDP socket, ICE-TCP and what the facade asks for.
// relay.cpp is the facade; engine_*.cpp are the parts by what they do.
#pragma once

#include "core/text_hash.hpp"
#include "media/address_table.hpp"
#include "media/drop.hpp"
#include "media/objects.hpp"
#include "media/tcp_front.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace strowger::media {

struct text_hasher {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return text_hash(text); }
};

class engine {
public:
  engine(const options& with, listener events);
  ~engine(); // stops the thread

  bool open(std::string& why);
  void start();
  std::uint16_t port() const { return udp_.port(); }
  // Any thread. False: too many wait, or the engine stops; the job is not run.
  bool post(std::function<void(engine&)> job);

  // ---- what the facade asks for; on the engine's thread (engine_objects.cpp)
  result<transport_made> create_transport(transport_options asked);
  refusal connect_transport(const transport_id& id, const remote_dtls& said);
  result<ice_parameters> restart_ice(const transport_id& id);
  refusal close_transport(const transport_id& id);
  result<producer_id> produce(const transport_id& id, producer_options asked);
  refusal pause_producer(const producer_id& id, bool paused);
  refusal close_producer(const producer_id& id);
  result<consumer_made> consume(const transport_id& on, const producer_id& from,
                                consumer_options asked);
  refusal pause_consumer(const consumer_id& id, bool paused);
  refusal close_consumer(const consumer_id& id);
  refusal switch_source(const consumer_id& id, const producer_id& to);
  refusal request_key_frame(const consumer_id& id);
  result<producer_id> create_player(player_options asked);
  refusal feed(const producer_id& id, std::vector<frame> more);
  result<tap_id> tap(const producer_id& id, tap_sink sink);
  refusal close_tap(const tap_id& id);
  result<transport_stats> stats(const transport_id& id);
  result<stream_stats> stats(const producer_id& id);
  result<stream_stats> stats(const consumer_id& id);

private:
  // ---- the loop (engine.cpp)
  bool bind(std::string& why);
  void run();
  void run_jobs();
  void tick();
  void sweep();
  void tell_metrics();
  void say(const transport* on, decltype(event::what) what);
  void say_closed(transport& t, close_reason why);
  void count(drop why, transport* on = nullptr, std::uint64_t n = 1);
  void count_lost(std::size_t datagrams);
  std::int64_t now_ms() const { return now_us_ / 1000; }
  transport* find(const transport_id& id);
  producer* find(const producer_id& id);
  consumer* find(const consumer_id& id);

  // ---- datagrams in and out (engine_io.cpp)
  void datagram(const address& from, room content, bool oversized);
  void soon(const address& from, int stage); // a datagram from there is next but some
  static void expect(path& from, const stream& s, std::uint8_t payload_type);
  void on_stun(const address& from, bytes content);
  path* authenticated(transport& t, const address& from); // null: it may not be, and was counted
  bool held(const path& by) const;
  void select(transport& t, path& to);
  // Its TCP connection, if it has one, is closed, unless another transport goes on with it.
  void drop_path(transport& t, std::size_t index, bool ends_line = true);
  void send_now(path& to, bytes content); // copied; leaves with the batch
  void send_slot(path& to, room slot, std::size_t size);
  room send_room(); // where a datagram is built
  void connection_closed(std::uint32_t number);

  // ---- DTLS (engine_dtls.cpp)
  void begin_dtls(transport& t, path& over);
  void on_dtls(path& from, bytes content);
  void dtls_moved(transport& t);
  void dtls_done(transport& t);
  void dtls_ticks();
  void authentic(transport& t);

  // ---- RTP (engine_rtp.cpp)
  void on_rtp(path& from, room content);
  stream* learn(transport& t, room content, std::size_t& size);
  stream* find_stream(transport& t, std::uint32_t ssrc);
  void received(stream& s, bytes plain, const rtp_packet& packet);
  bool unwrap_repair(const producer& p, rtp_packet& packet);
  void observe(producer& p, const rtp_packet& packet, bytes plain);
  void fan_out(producer& p, const rtp_packet& packet);
  void forward(consumer& c, producer& p, const rtp_packet& packet);
  void resend(consumer& c, std::uint16_t sequence);
  void want_key_frame(producer& p);
  void play(producer& p);
  void play_ticks();

  // ---- RTCP (engine_rtcp.cpp)
  void on_rtcp(path& from, room content);
  bool may_speak(transport& t, std::uint32_t ssrc);
  void on_report(transport& t, const rtcp::report_block& block);
  void on_sender_report(stream& s, const rtcp::sender_info& info);
  void on_feedback(transport& t, const rtcp::item& item);
  void on_bitrate(consumer& c, std::uint64_t bits_per_second);
  void send_rtcp(transport& t, const std::function<void(rtcp::writer&)>& write);
  void send_sender_report(consumer& c, std::uint64_t ntp, std::uint32_t timestamp);
  void send_reports(transport& t);
  void feedback_ticks();
  void slow_tick(transport& t);
  void tell_quality(transport& t);

  // ---- closing (engine_close.cpp); each says what falls with it
  void close(transport& t, close_reason why);
  void close(producer& p, close_reason why, bool asked);
  void close(consumer& c, close_reason why, bool asked);
  void retire(transport& t, std::uint32_t ssrc);
  stream_stats figures(const producer& p) const;
  stream_stats figures(const consumer& c) const;
  consumer* consumer_of(transport& t, std::uint32_t ssrc);
  std::uint32_t fresh_ssrc(const transport& t);

  const options options_;
  const listener listener_;
  int epoll_ = -1, wake_ = -1;
  udp_socket udp_;
  std::unique_ptr<tcp_front> tcp_;
  std::shared_ptr<dtls_context> dtls_context_;
  std::int64_t now_us_ = 0, ticked_us_ = 0, told_us_ = 0;
  std::array<std::uint8_t, udp_socket::slot_bytes> scratch_{}; // where RTX is unwrapped to
  std::uint64_t packets_in_ = 0, packets_out_ = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(drop::count_)> drops_{};

  std::unordered_map<std::string, std::unique_ptr<transport>> transports_;
  std::unordered_map<std::string, std::unique_ptr<producer>> producers_;
  std::unordered_map<std::string, std::unique_ptr<consumer>> consumers_;
  std::unordered_map<std::string, producer*> taps_;
  std::unordered_map<std::string, transport*, text_hasher, std::equal_to<>> by_ufrag_;
  address_table<path> by_address_;
  std::vector<transport*> all_, handshakes_;
  std::vector<std::pair<transport*, close_reason>> doomed_; // closed when the batch is done
  std::vector<producer*> players_, feedback_; // feedback_: those with NACK or transport-cc
  std::vector<std::uint32_t> tcp_doomed_;
  std::size_t slow_at_ = 0;

  std::mutex jobs_lock_;
  std::vector<std::function<void(engine&)>> jobs_, running_;
  bool stopping_ = false;
  std::thread thread_;
};

std::string random_id();  // 32 hexadecimal digits
std::uint32_t random32(); //
std::int64_t steady_us(); // monotonic microseconds
std::uint64_t ntp_now();  // wall clock as NTP, for sender reports only

} // namespace strowger::media
