#include "actors/runtime/inbox.hpp"

#include "core/buggify.hpp"
#include "core/planted.hpp"

namespace strowger::runtime {
namespace {

std::size_t weight(const notice::any& what) { // SDP is what weighs
  if (const auto* offer = std::get_if<notice::webrtc_offer>(&what))
    return 128 + offer->sdp.size() + offer->candidates.size() * 256;
  if (const auto* answer = std::get_if<notice::webrtc_answer>(&what))
    return 128 + answer->sdp.size();
  return 256;
}

} // namespace

void inbox::put(client_position at, std::shared_ptr<const notice::any> what) {
  const auto bytes = weight(*what);
  messages_.push_back({at, std::move(what), bytes});
  bytes_ += bytes;
  while (messages_.size() > limits::inbox_messages_max ||
         (bytes_ > limits::inbox_bytes_max && messages_.size() > 1) ||
         (messages_.size() > 1 && buggify(point::inbox_is_short))) {
    if (!planted(bug::inbox_forgets_quietly)) floor_ = messages_.front().at;
    bytes_ -= messages_.front().bytes;
    messages_.pop_front();
  }
}

} // namespace strowger::runtime
