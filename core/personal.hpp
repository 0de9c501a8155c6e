// personal<T>: a value about a person. It cannot be compared or printed, and the codec seals it
// under the key of its subject, so that erasing that key erases the value and keeps every proof.
#pragma once

#include "core/ids.hpp"

#include <utility>

namespace strowger {

template <class T> class personal {
public:
  personal() = default;
  personal(subject_id subject, T value) : subject_(std::move(subject)), value_(std::move(value)) {}

  const subject_id& subject() const { return subject_; }
  bool erased() const { return erased_; }
  // The one door to the plain value; grep for it to see who looks.
  const T& reveal() const { return value_; }

  static personal lost(subject_id subject) {
    personal gone{std::move(subject), T{}};
    gone.erased_ = true;
    return gone;
  }

private:
  subject_id subject_;
  T value_{};
  bool erased_ = false; // its key was erased: the value is gone for good
};

} // namespace strowger
