#include "actors/runtime/mailbox_actor.hpp"

#include <caf/detail/sync_request_bouncer.hpp>

#include <utility>

namespace strowger::runtime {

mailbox_actor::mailbox_actor(caf::actor_config& config) : local_actor(config) {
  inbox_.try_block(); // the first message wakes it
}
mailbox_actor::~mailbox_actor() { forget(); }

void mailbox_actor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) {
  const auto sender = what->sender;
  const auto id = what->mid;
  switch (inbox_.push_front(std::move(what))) {
  case caf::intrusive::inbox_result::unblocked_reader:
    intrusive_ptr_add_ref(ctrl());
    if (unit != nullptr)
      unit->exec_later(this);
    else
      home_system().scheduler().enqueue(this);
    break;
  case caf::intrusive::inbox_result::queue_closed: {
    caf::detail::sync_request_bouncer refuse{caf::exit_reason::unreachable};
    refuse(sender, id);
    break;
  }
  case caf::intrusive::inbox_result::success:
    break;
  }
}

caf::resumable::resume_result mailbox_actor::resume(caf::execution_unit* unit,
                                                    std::size_t messages_max) {
  context(unit);
  for (std::size_t taken = 0;;) {
    if (next_ == nullptr && !fetch()) {
      if (inbox_.try_block()) return awaiting_message;
      continue; // one has just come
    }
    if (taken++ == messages_max) return resume_later;
    caf::mailbox_element_ptr what{
        std::exchange(next_, static_cast<caf::mailbox_element*>(next_->next))};
    take(*what);
  }
}

bool mailbox_actor::fetch() {
  auto* newest = inbox_.take_head();
  for (caf::mailbox_element* before = nullptr; newest != nullptr;) {
    before = static_cast<caf::mailbox_element*>(newest->next);
    newest->next = next_;
    next_ = newest;
    newest = before;
  }
  return next_ != nullptr;
}

void mailbox_actor::forget() {
  while (next_ != nullptr)
    caf::mailbox_element_ptr{std::exchange(next_, static_cast<caf::mailbox_element*>(next_->next))};
}

void mailbox_actor::intrusive_ptr_add_ref_impl() { intrusive_ptr_add_ref(ctrl()); }
void mailbox_actor::intrusive_ptr_release_impl() { intrusive_ptr_release(ctrl()); }

void mailbox_actor::launch(caf::execution_unit*, bool, bool hide) {
  if (!hide) register_at_system();
}

void mailbox_actor::on_destroy() {
  if (!getf(is_cleaned_up_flag)) cleanup(caf::exit_reason::unreachable, nullptr);
  monitorable_actor::on_destroy();
}

bool mailbox_actor::cleanup(caf::error&& why, caf::execution_unit* unit) {
  forget();
  if (!inbox_.closed()) inbox_.close();
  return local_actor::cleanup(std::move(why), unit);
}

} // namespace strowger::runtime
