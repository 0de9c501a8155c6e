// How calls sound: an estimate of listening quality from what RTCP and the relay count (the
// E-model, ITU-T G.107, with the codecs' impairments of G.113), and which leg is to be told what,
// and when. Pure: time is an argument.
#pragma once

#include "media/desk_board.hpp"

namespace strowger::media {

// ---- the E-model, narrowband scale, with its default values and without echo

struct impairment {      // of a codec (ITU-T G.113, appendix I)
  double equipment = 0;  // Ie
  double robustness = 1; // Bpl: the higher, the less loss is heard
};
// G.711 with concealment as in G.113. For Opus there is no value of the ITU's: as G.711, a little
// less robust, without its redundancy. Others: something between.
impairment impairment_of(std::string_view mime);

struct line {           // what a packet meets on its way to the ear
  double loss = 0;      // 0 to 1, at random
  double jitter_ms = 0; // RFC 3550
  double rtt_ms = 0;    // between the relay and the device
};
double delay_ms(const line&);                     // one way, with packets and play-out
double rating_of(const line&, const impairment&); // R, 0 to 93.2
double mos_of(double rating);                     // 1 to 4.5
std::string_view words_of(double mos);            // good | fair | poor | bad

// ---- legs

class quality_board {
public:
  // The relay's report about a stream of this leg. Gives what its device is to be told: every
  // limits::call_quality_every_ms, and when it has become poor or bad.
  std::optional<notice::call_quality> report(const call_key&, const device_id&,
                                             const happened::quality&, time_ms now);
  // The legs that this change of the call left behind, as they were heard.
  std::vector<std::pair<device_id, call_quality>> changed(const call_key&, const call_view&);
  std::size_t size() const;
  void tell_metrics() const;

private:
  struct leg {
    stream_stats heard, sent;
    bool hears = false, sends = false;
    std::string codec;
    std::string_view rating;
    time_ms told_at = 0;
    std::string_view told;
  };
  std::map<call_key, std::map<device_id, leg>> calls_;
};

} // namespace strowger::media
