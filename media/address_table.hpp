// What belongs to a client's address, found by one look: an open table of flat entries, whose
// memory can be asked for ahead of a batch. The interface is that of a map, as far as it is used.
// Not thread-safe; any change makes iterators invalid.
#pragma once

#include "media/address.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace strowger::media {

template <class T> class address_table {
public:
  struct entry {
    address first;
    T* second = nullptr; // null: nobody has ever been here
  };

  template <class E> class walker {
  public:
    walker(E* at, E* end) : at_(at), end_(end) { skip(); }
    E& operator*() const { return *at_; }
    E* operator->() const { return at_; }
    walker& operator++() {
      ++at_;
      skip();
      return *this;
    }
    bool operator==(const walker& other) const { return at_ == other.at_; }

  private:
    void skip() {
      while (at_ != end_ && !at_->second) ++at_;
    }
    E* at_;
    E* end_;
  };
  using iterator = walker<entry>;
  using const_iterator = walker<const entry>;

  iterator begin() { return {entries_.data(), past()}; }
  iterator end() { return {past(), past()}; }
  std::size_t size() const { return size_; }

  iterator find(const address& what) {
    auto* at = place(what);
    return at && at->second ? iterator{at, past()} : end();
  }
  void emplace(const address& what, T* value) { // nothing when it is there
    if ((size_ + 1) * 2 > entries_.size()) grow();
    auto* at = place(what);
    if (at->second) return;
    *at = {what, value};
    ++size_;
  }
  void erase(const address& what) {
    auto* at = place(what);
    if (!at || !at->second) return;
    --size_;
    auto hole = static_cast<std::size_t>(at - entries_.data());
    for (auto next = after(hole); entries_[next].second; next = after(next)) {
      const auto home = home_of(entries_[next].first);
      // It may move up unless its home lies behind the hole.
      if (((next - home) & mask()) < ((next - hole) & mask())) continue;
      entries_[hole] = entries_[next];
      hole = next;
    }
    entries_[hole] = {};
  }
  // Has the memory of this address's entry brought near.
  void fetch(const address& what) const {
    if (!entries_.empty()) __builtin_prefetch(&entries_[home_of(what)]);
  }

private:
  std::size_t mask() const { return entries_.size() - 1; } // a power of two
  std::size_t home_of(const address& what) const { return address_hash{}(what)&mask(); }
  std::size_t after(std::size_t index) const { return (index + 1) & mask(); }
  entry* past() { return entries_.data() + entries_.size(); }

  entry* place(const address& what) { // where it is, or would be
    if (entries_.empty()) return nullptr;
    auto at = home_of(what);
    while (entries_[at].second && !(entries_[at].first == what)) at = after(at);
    return &entries_[at];
  }
  void grow() {
    auto old =
        std::exchange(entries_, std::vector<entry>(std::max<std::size_t>(64, 2 * entries_.size())));
    for (const auto& each : old)
      if (each.second) *place(each.first) = each;
  }

  std::vector<entry> entries_; // at most half of them in use
  std::size_t size_ = 0;
};

} // namespace strowger::media
