#include "actors/runtime/inbox.hpp"

#include "core/buggify.hpp"
#include "core/planted.hpp"

#include <algorithm>

namespace strowger::runtime {
namespace {

std::size_t weight(const notice::any& what) { // SDP is what weighs
  if (const auto* offer = std::get_if<notice::webrtc_offer>(&what))
    return 128 + offer->sdp.size() + offer->candidates.size() * 256;
  if (const auto* answer = std::get_if<notice::webrtc_answer>(&what))
    return 128 + answer->sdp.size();
  return 256;
}

bool too_full(const inbox& facts) {
  return facts.count > limits::inbox_messages_max ||
         (facts.bytes > limits::inbox_bytes_max && facts.count > 1) ||
         (facts.count > 1 && buggify(point::inbox_is_short));
}

} // namespace

void inboxes::known(const key& k, position at) {
  if (facts_.contains(k)) return;
  const auto from = at * messages_per_event_max + messages_per_event_max - 1;
  facts_.put(k, {from, from, 0, 0, {}}, at);
}

void inboxes::forget(const key& k, position at) {
  facts_.erase(k, at);
  boxes_.erase(k);
}

void inboxes::put(const key& k, const call_id& about, client_position at,
                  std::shared_ptr<const notice::any> what) {
  if (!facts_.contains(k)) return;
  auto& facts = facts_.edit(k, at / messages_per_event_max);
  auto& box = boxes_[k];
  if (facts.count == 0) box.whole = true;
  ++facts.count;
  facts.bytes += weight(*what);
  facts.calls.insert_or_assign(about, at);
  box.messages.push_back({at, std::move(what)});
  if (too_full(facts)) trim(whole_box(k), facts);
}

void inboxes::trim(box& b, inbox& facts) {
  while (too_full(facts) && !b.messages.empty()) {
    const auto& oldest = b.messages.front();
    if (!planted(bug::inbox_forgets_quietly)) facts.floor = oldest.at;
    facts.bytes -= weight(*oldest.what);
    --facts.count;
    b.messages.pop_front();
  }
  std::erase_if(facts.calls, [&](const auto& c) { return c.second <= facts.floor; });
}

void keep_inboxes(inboxes& boxes, const views::committed& e,
                  const std::vector<views::addressed>& told) {
  if (const auto* x = std::get_if<extension::event>(&e.event)) {
    if (const auto* attached = std::get_if<extension::device_attached>(x))
      boxes.known({e.tenant, attached->device}, e.at);
    if (const auto* gone = std::get_if<extension::device_forgotten>(x))
      boxes.forget({e.tenant, gone->device}, e.at);
  }
  places of_event{e.at};
  for (const auto& t : told)
    boxes.put({e.tenant, t.to}, call_id{e.stream}, of_event.next(t.to),
              std::make_shared<const notice::any>(t.what));
}

const std::deque<message>& inboxes::messages(const key& k) {
  static const std::deque<message> none; // who was told nothing yet has no box: most of all devices
  const auto* facts = facts_.get(k);
  return facts == nullptr || facts->count == 0 ? none : whole_box(k).messages;
}

inboxes::box& inboxes::whole_box(const key& k) {
  auto& b = boxes_[k];
  const auto* facts = facts_.get(k);
  if (b.whole || facts == nullptr) return b;
  b.whole = true;
  if (planted(bug::inbox_empty_after_start)) return b;
  std::vector<message> again;
  for (const auto& [call, last] : facts->calls)
    for (auto& m : reader_(k, call, facts->floor, restored_)) again.push_back(std::move(m));
  std::ranges::stable_sort(again, {}, &message::at);
  b.messages.insert(b.messages.begin(), again.begin(), again.end());
  return b;
}

} // namespace strowger::runtime
