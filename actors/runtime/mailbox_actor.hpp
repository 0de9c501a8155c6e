// A CAF actor with one mailbox and nothing else: no priorities, streams, timeouts or behaviours to
// look after for every message, and a third of the memory of an event_based_actor. It is spawned,
// addressed and counted like any other; it understands what take() understands.
#pragma once

#include <caf/all.hpp>
#include <caf/intrusive/lifo_inbox.hpp>

#include <memory>

namespace strowger::runtime {

class mailbox_actor : public caf::local_actor,
                      public caf::resumable,
                      public caf::dynamically_typed_actor_base,
                      public caf::non_blocking_actor_base {
public:
  using behavior_type = caf::behavior; // tells CAF that messages are not typed

  explicit mailbox_actor(caf::actor_config& config);
  ~mailbox_actor() override;

  // Any thread; the unit is where it is resumed next.
  using abstract_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) override;
  // On the thread that resumes it: whether a message waits.
  bool has_mail() const { return next_ != nullptr || !(inbox_.blocked() || inbox_.empty()); }

  resume_result resume(caf::execution_unit* unit, std::size_t messages_max) override;
  void intrusive_ptr_add_ref_impl() override;
  void intrusive_ptr_release_impl() override;
  void launch(caf::execution_unit* unit, bool lazy, bool hide) override;
  void on_destroy() override;
  bool cleanup(caf::error&& why, caf::execution_unit* unit) override;

protected:
  virtual void take(caf::mailbox_element& what) = 0; // one message, in order

private:
  struct policy {
    using mapped_type = caf::mailbox_element;
    using unique_pointer = caf::mailbox_element_ptr;
  };
  bool fetch(); // what came since, in order of coming; false: nothing
  void forget();

  caf::intrusive::lifo_inbox<policy> inbox_;
  caf::mailbox_element* next_ = nullptr; // fetched, oldest first
};

} // namespace strowger::runtime
