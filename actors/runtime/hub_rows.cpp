// The publisher's picture on its way to the disk and back.
#include "actors/runtime/decode.hpp"
#include "actors/runtime/hub.hpp"
#include "core/buggify.hpp"
#include "core/planted.hpp"

namespace strowger::runtime {
namespace {

constexpr std::size_t page = 4096;

} // namespace

// Rows may not be ahead of the reactors: what these still owe is found by folding the log again
// from the rows on, and they must see the picture as it was at that event.
void hub::keep_rows(position behind_max) {
  if (!picture_) return;
  if (!batch_ && (picture_->behind() >= behind_max || buggify(point::rows_now)) &&
      picture_->behind() > 0)
    batch_ = picture_->collect();
  hand_over_rows();
}

void hub::hand_over_rows() {
  if (!batch_ || handed_over_) return;
  const bool owed = reactors_.checkpoint() < picture::position_of(*batch_);
  if (owed && !planted(bug::rows_before_effects)) return;
  handed_over_ = true;
  keeper_->post([weak = weak_from_this(), thread = thread_, batch = batch_] {
    if (const auto self = weak.lock()) self->picture_->write(*batch);
    thread->post([weak] {
      const auto self = weak.lock();
      if (!self || !self->batch_) return;
      self->picture_->written(*self->batch_);
      self->picture_->sweep();
      self->batch_.reset();
      self->handed_over_ = false;
    });
  });
}

// While nothing else runs: a long log must not stay in memory.
void hub::catch_up_rows() {
  if (!picture_ || picture_->behind() < limits::rows_every_events) return;
  if (reactors_.checkpoint() < world_.folded) return;
  const auto batch = picture_->collect();
  picture_->write(*batch);
  picture_->written(*batch);
  picture_->sweep();
}

void hub::keep_all() {
  if (!picture_) return;
  if (batch_) { // what the keeper did not come to
    if (reactors_.checkpoint() < picture::position_of(*batch_)) return;
    picture_->write(*batch_);
    picture_->written(*batch_);
    batch_.reset();
  }
  if (picture_->behind() == 0 || reactors_.checkpoint() < world_.folded) return;
  const auto rest = picture_->collect();
  picture_->write(*rest);
  picture_->written(*rest);
}

// The same events make the same messages: what a call told a device stands in its stream.
std::vector<message> hub::told_before(const inboxes::key& to, const call_id& about,
                                      client_position after, client_position until) const {
  const auto& services = engine_.services();
  std::vector<message> out;
  call::state before;
  for (version from = 1;;) {
    const auto past =
        services.store.read_stream({to.first, call::spec::kind, about.value}, from, page);
    for (const auto& r : past) {
      const auto e = decode_record(r, services.vault);
      const auto& event = std::get<call::event>(e->event);
      auto now = call::evolve(before, event);
      places of_event{r.at};
      for (auto& told : views::notices_of(about, before, event, now)) {
        const auto place = of_event.next(told.to);
        if (told.to == to.second && place > after && place <= until)
          out.push_back({place, std::make_shared<const notice::any>(std::move(told.what))});
      }
      before = std::move(now);
    }
    if (past.size() < page) return out;
    from = past.back().version + 1;
  }
}

} // namespace strowger::runtime
