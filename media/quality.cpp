#include "media/quality.hpp"

#include "core/limits.hpp"
#include "observe/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <strings.h>

namespace strowger::media {
namespace {

constexpr std::array<std::string_view, 4> ratings{"good", "fair", "poor", "bad"};

bool is(std::string_view mime, std::string_view what) {
  return mime.size() == what.size() && strncasecmp(mime.data(), what.data(), what.size()) == 0;
}

std::uint32_t whole(double value, double most) {
  return static_cast<std::uint32_t>(std::lround(std::clamp(value, 0.0, most)));
}
std::uint32_t micros(double ms) { return whole(ms * 1000, 4e9); }
std::uint32_t permyriad(double ratio) { return whole(ratio * 10'000, 10'000); }

double loss_of_all(const stream_stats& s) {
  return s.packets && s.lost > 0
             ? std::min(1.0, static_cast<double>(s.lost) / static_cast<double>(s.packets))
             : 0;
}

double mos_at(double loss, const stream_stats& heard, std::string_view codec) {
  return mos_of(rating_of({loss, heard.jitter_ms, heard.rtt_ms.value_or(0)}, impairment_of(codec)));
}

void measure(double mos, const stream_stats& heard) {
  metrics::observe(metrics::histogram::media_mos, mos);
  metrics::observe(metrics::histogram::media_jitter_seconds, heard.jitter_ms / 1000);
  metrics::observe(metrics::histogram::media_loss, heard.fraction_lost);
  if (heard.rtt_ms) metrics::observe(metrics::histogram::media_rtt_seconds, *heard.rtt_ms / 1000);
}

} // namespace

impairment impairment_of(std::string_view mime) {
  if (is(mime, "audio/PCMU") || is(mime, "audio/PCMA")) return {0, 25.1};
  if (is(mime, "audio/opus")) return {0, 20};
  return {10, 15};
}

double delay_ms(const line& on) {
  constexpr double packets_and_play_out = 50; // 20 ms each way, and the sound card
  return on.rtt_ms / 2 + 2 * on.jitter_ms + packets_and_play_out;
}

double rating_of(const line& on, const impairment& of) {
  constexpr double best = 93.2, hundred_ms = 100;
  double delay = 0; // Idd, G.107, section 7.4
  if (const auto all = delay_ms(on); all > hundred_ms) {
    const auto x = std::log2(all / hundred_ms);
    delay = 25 * (std::pow(1 + std::pow(x, 6), 1.0 / 6) -
                  3 * std::pow(1 + std::pow(x / 3, 6), 1.0 / 6) + 2);
  }
  const auto percent = 100 * std::clamp(on.loss, 0.0, 1.0);
  const auto equipment =
      of.equipment + (95 - of.equipment) * percent / (percent + of.robustness); // section 7.5
  return std::clamp(best - delay - equipment, 0.0, best);
}

double mos_of(double rating) { // G.107, annex B
  const auto r = std::clamp(rating, 0.0, 100.0);
  return std::clamp(1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6, 1.0, 4.5);
}

std::string_view words_of(double mos) {
  if (mos >= 4.0) return ratings[0];
  if (mos >= 3.6) return ratings[1];
  return mos >= 3.1 ? ratings[2] : ratings[3];
}

std::optional<notice::call_quality> quality_board::report(const call_key& key,
                                                          const device_id& device,
                                                          const happened::quality& what,
                                                          time_ms now) {
  if (what.kind != kind::audio) return {};
  auto& l = calls_[key][device];
  if (std::holds_alternative<producer_id>(what.stream)) {
    l.sent = what.figures;
    l.sends = true;
    return {}; // of what it hears it is told
  }
  l.heard = what.figures;
  l.hears = true;
  l.codec = what.codec;
  const auto mos = mos_at(l.heard.fraction_lost, l.heard, l.codec);
  l.rating = words_of(mos);
  measure(mos, l.heard);
  const bool worse = (l.rating == "poor" || l.rating == "bad") && l.rating != l.told;
  if (!worse && !l.told.empty() && now - l.told_at < limits::call_quality_every_ms) return {};
  l.told = l.rating;
  l.told_at = now;
  notice::call_quality out;
  out.call = key.call;
  out.mos_x100 = whole(100 * mos, 450);
  out.rating = l.rating;
  out.jitter_us = micros(l.heard.jitter_ms);
  out.loss_permyriad = permyriad(l.heard.fraction_lost);
  if (l.heard.rtt_ms) out.rtt_us = micros(*l.heard.rtt_ms);
  if (l.sends) {
    out.sent_jitter_us = micros(l.sent.jitter_ms);
    out.sent_loss_permyriad = permyriad(l.sent.fraction_lost);
  }
  return out;
}

std::vector<std::pair<device_id, call_quality>> quality_board::changed(const call_key& key,
                                                                       const call_view& view) {
  std::vector<std::pair<device_id, call_quality>> out;
  const auto found = calls_.find(key);
  if (found == calls_.end()) return out;
  std::erase_if(found->second, [&](const auto& entry) {
    const auto& [device, l] = entry;
    if (std::ranges::find(view.parties, device, &call_party::device) != view.parties.end())
      return false;
    if (!l.hears) return true;
    const auto loss = loss_of_all(l.heard);
    out.push_back({device,
                   {whole(100 * mos_at(loss, l.heard, l.codec), 450), micros(l.heard.jitter_ms),
                    permyriad(loss), micros(l.heard.rtt_ms.value_or(0)), l.heard.packets}});
    return true;
  });
  if (found->second.empty()) calls_.erase(found);
  return out;
}

std::size_t quality_board::size() const {
  std::size_t out = 0;
  for (const auto& [key, legs] : calls_) out += legs.size();
  return out;
}

void quality_board::tell_metrics() const {
  std::array<std::int64_t, ratings.size()> counts{};
  for (const auto& [key, legs] : calls_)
    for (const auto& [device, l] : legs)
      for (std::size_t i = 0; i < ratings.size(); ++i) counts[i] += l.rating == ratings[i];
  for (std::size_t i = 0; i < ratings.size(); ++i)
    metrics::set(metrics::gauge::media_legs_rated, counts[i], ratings[i]);
}

} // namespace strowger::media
