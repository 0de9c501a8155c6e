// Test only: could what several clients saw at the same time have happened one after the other?
// The search of Wing and Gong with Lowe's memory of what was tried: exact, and quick as long as few
// operations overlap. One thread, no clock: moments are whatever the recorder counts.
//
// A model is the object as one client alone would see it:
//   using state; using input; using output;     // state: default constructed, ordered by <
//   static bool step(state&, const input&, const output* seen);
// `step` changes the state as the operation would and says whether `seen` could be its answer;
// without `seen` nobody knows the answer, and any is fine.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace strowger::support {

inline constexpr std::uint64_t no_answer = ~std::uint64_t{0};

template <class Model> struct operation {
  std::uint64_t invoked = 0;
  std::uint64_t answered = no_answer; // then it may have happened at any time since, or never
  typename Model::input in{};
  std::optional<typename Model::output> out{};
};

// What was asked and answered, in the order of the moments that it counts.
template <class Model> class recorder {
public:
  std::size_t invoke(typename Model::input in) {
    history_.push_back({++now_, no_answer, std::move(in), {}});
    return history_.size() - 1;
  }
  // The first answer counts; unknown outcomes are not answers.
  void answer(std::size_t which, typename Model::output out) {
    auto& op = history_[which];
    if (op.answered != no_answer) return;
    op.answered = ++now_;
    op.out = std::move(out);
  }
  bool answered(std::size_t which) const { return history_[which].answered != no_answer; }
  const std::vector<operation<Model>>& history() const { return history_; }
  void clear() { history_.clear(); }

private:
  std::uint64_t now_ = 0;
  std::vector<operation<Model>> history_;
};

template <class Model> class linear_search {
public:
  explicit linear_search(const std::vector<operation<Model>>& history) :
      history_(history), done_(history.size(), false) {
    for (const auto& op : history) open_ += op.answered != no_answer;
  }

  bool from(const typename Model::state& state) {
    if (open_ == 0) return true;
    if (!tried_.emplace(done_, state).second) return false;
    const auto horizon = first_answer();
    for (std::size_t i = 0; i < history_.size() && history_[i].invoked < horizon; ++i)
      if (!done_[i] && take(i, state)) return true;
    return false;
  }

private:
  // Nothing that was asked after this can have come before what was answered then.
  std::uint64_t first_answer() const {
    auto out = no_answer;
    for (std::size_t i = 0; i < history_.size(); ++i)
      if (!done_[i]) out = std::min(out, history_[i].answered);
    return out;
  }

  bool take(std::size_t i, const typename Model::state& before) {
    const auto& op = history_[i];
    auto after = before;
    if (!Model::step(after, op.in, op.out ? &*op.out : nullptr)) return false;
    const bool counts = op.answered != no_answer;
    done_[i] = true;
    open_ -= counts;
    const bool found = from(after);
    done_[i] = false;
    open_ += counts;
    return found;
  }

  const std::vector<operation<Model>>& history_; // by the moment of asking
  std::vector<bool> done_;
  std::size_t open_ = 0; // answered ones that are not placed yet
  std::set<std::pair<std::vector<bool>, typename Model::state>> tried_;
};

template <class Model> bool linearizable(const std::vector<operation<Model>>& history,
                                         const typename Model::state& start = {}) {
  return linear_search<Model>{history}.from(start);
}

} // namespace strowger::support
