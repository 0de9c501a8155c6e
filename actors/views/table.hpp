// One table of the picture, read like a map. Alone it holds every row. With a shelf behind it (rows
// on disk) it holds what is not on the shelf yet, what must stay at hand, and what was read lately;
// a row that is asked for is fetched. Keys that are ids are hashed; tables of others are in their
// order and can be walked from a key on. Pure; one thread.
#pragma once

#include "core/ids.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace strowger::views {

// Rows as they are stored. `visit` returns false: enough.
template <class K, class V> class shelf {
public:
  using visitor = std::function<bool(const K&, V)>;
  virtual ~shelf() = default;
  virtual std::optional<V> read(const K& key) const = 0;
  virtual void ascend(const visitor& visit) const = 0;
  virtual void descend(const K& before, const visitor& visit) const = 0;
};

// Which rows of a shelved table stay in memory: overload it beside the row's type.
template <class V> bool stays_at_hand(const V&) { return false; }

struct id_hash {
  template <class Tag> std::size_t operator()(const id<Tag>& key) const {
    return std::hash<std::string>{}(key.value);
  }
  // Of a tenant: the same names in two tenants may share their place.
  template <class Of, class Tag> std::size_t operator()(const std::pair<Of, id<Tag>>& key) const {
    return (*this)(key.second);
  }
};

template <class K, class V> class table {
  struct slot {
    std::shared_ptr<V> value; // null: gone, and the shelf does not know yet
    position changed = 0;     // 0: as on the shelf
    bool listed = false;      // in fresh_
    mutable bool used = true; // since the last sweep
  };
  static constexpr bool hashed = std::is_invocable_v<id_hash, const K&>;
  using slots = std::conditional_t<hashed, std::unordered_map<K, slot, id_hash>, std::map<K, slot>>;

public:
  struct change {
    K key;
    std::shared_ptr<const V> value; // null: the row goes
  };

  // Before the first use. Every row stays in memory; changes are kept for take_changes().
  void mirror() { tracked_ = true; }
  // The same, but only some rows stay; `rows` on the shelf. It must outlive this.
  void put_on(const shelf<K, V>& behind, std::size_t rows) {
    tracked_ = true;
    shelf_ = &behind;
    size_ = rows;
  }
  void restore(const K& key, V value) { // a row as it is stored
    auto& s = slots_[key];
    if (!s.value && !shelf_) ++size_;
    s.value = std::make_shared<V>(std::move(value));
  }

  const V* get(const K& key) const {
    const auto it = lookup(key);
    return it == slots_.end() ? nullptr : it->second.value.get();
  }
  const V& at(const K& key) const {
    const auto* found = get(key);
    if (found == nullptr) throw std::out_of_range{"no such row"};
    return *found;
  }
  // The row without keeping it at hand: for walks.
  std::shared_ptr<const V> peek(const K& key) const {
    if (const auto it = slots_.find(key); it != slots_.end()) return it->second.value;
    auto stored = shelf_ ? shelf_->read(key) : std::nullopt;
    return stored ? std::make_shared<const V>(std::move(*stored)) : nullptr;
  }
  bool contains(const K& key) const { return get(key) != nullptr; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // To be changed, because of the event at `at`; made when it is not there. Valid until the next
  // take_changes().
  V& edit(const K& key, position at) {
    auto it = lookup(key);
    if (it == slots_.end()) it = slots_.try_emplace(key).first;
    auto& s = it->second;
    if (!s.value) {
      s.value = std::make_shared<V>();
      ++size_;
    } else if (s.value.use_count() > 1) { // somebody writes it down just now
      s.value = std::make_shared<V>(*s.value);
    }
    note(it, at);
    return *s.value;
  }
  void put(const K& key, V value, position at) {
    auto it = lookup(key);
    if (it == slots_.end()) it = slots_.try_emplace(key).first;
    if (!it->second.value) ++size_;
    it->second.value = std::make_shared<V>(std::move(value));
    note(it, at);
  }
  // The same for a key that was never in the table, on the shelf or here: nobody looks for it.
  V& add(const K& key, V value, position at) {
    const auto it = made(key);
    it->second = {};
    it->second.value = std::make_shared<V>(std::move(value));
    ++size_;
    note(it, at);
    return *it->second.value;
  }
  void erase(const K& key, position at) {
    const auto it = lookup(key);
    if (it == slots_.end() || !it->second.value) return;
    --size_;
    if (!tracked_) {
      slots_.erase(it);
      return;
    }
    it->second.value = nullptr;
    note(it, at);
  }

  // What changed since the last time, in no order.
  std::vector<change> take_changes() {
    std::vector<change> out;
    out.reserve(fresh_.size());
    for (auto& key : fresh_) {
      auto& s = slots_.at(key);
      s.listed = false;
      out.push_back({key, s.value});
      unwritten_.emplace_back(s.changed, key);
    }
    fresh_.clear();
    return out;
  }
  // Everything taken that changed at or before `up_to` is on the shelf by now.
  void written(position up_to) {
    for (; !unwritten_.empty() && unwritten_.front().first <= up_to; unwritten_.pop_front()) {
      const auto it = slots_.find(unwritten_.front().second);
      if (it == slots_.end() || it->second.changed != unwritten_.front().first) continue;
      if (it->second.value)
        it->second.changed = 0;
      else
        slots_.erase(it);
    }
  }
  std::size_t unwritten() const { return fresh_.size() + unwritten_.size(); }

  // Drops what the shelf has as well and nobody has asked for lately, whenever `max` more rows than
  // last time are at hand. References to rows end here.
  void sweep(std::size_t max) {
    if (!shelf_ || slots_.size() <= swept_ + max) return;
    erase_if(slots_, [](const auto& row) {
      const slot& s = row.second;
      const bool may_go = s.changed == 0 && s.value.use_count() == 1 && !stays_at_hand(*s.value);
      return may_go && !std::exchange(s.used, false);
    });
    swept_ = slots_.size();
  }
  std::size_t at_hand() const { return slots_.size(); }

  // Every row, ascending; those on the shelf included.
  template <class Visit> void each(const Visit& visit) const {
    const auto rows = in_order();
    auto near = rows.begin();
    const auto visit_near = [&] {
      if (const auto& [key, s] = **near; s.value) visit(key, *s.value);
      ++near;
    };
    if (shelf_)
      shelf_->ascend([&](const K& key, const V& value) {
        while (near != rows.end() && (*near)->first < key) visit_near();
        if (near != rows.end() && (*near)->first == key)
          visit_near();
        else
          visit(key, value);
        return true;
      });
    while (near != rows.end()) visit_near();
  }
  // Rows with key < before, descending, until `visit` returns false.
  template <class Visit> void descend(const K& before, const Visit& visit) const requires(!hashed) {
    auto near = slots_.lower_bound(before);
    bool more = true;
    const auto visit_near = [&] {
      --near;
      if (near->second.value) more = visit(near->first, *near->second.value);
    };
    const auto above = [&](const K& key) {
      return near != slots_.begin() && key < std::prev(near)->first;
    };
    if (shelf_)
      shelf_->descend(before, [&](const K& key, const V& value) {
        while (more && above(key)) visit_near();
        if (!more) return false;
        if (near != slots_.begin() && std::prev(near)->first == key)
          visit_near();
        else
          more = visit(key, value);
        return more;
      });
    while (more && near != slots_.begin()) visit_near();
  }

  // What is in memory: everything, unless there is a shelf. As a map's, but read only; hashed keys
  // come in no order that means anything: nothing may be decided by it.
  class iterator {
  public:
    using pair = std::pair<const K&, const V&>;
    struct arrow {
      pair what;
      const pair* operator->() const { return &what; }
    };
    iterator(typename slots::const_iterator at, typename slots::const_iterator end) :
        at_(at), end_(end) {
      skip();
    }
    pair operator*() const { return {at_->first, *at_->second.value}; }
    arrow operator->() const { return {**this}; }
    iterator& operator++() {
      ++at_;
      skip();
      return *this;
    }
    bool operator==(const iterator& other) const { return at_ == other.at_; }

  private:
    void skip() {
      while (at_ != end_ && !at_->second.value) ++at_;
    }
    typename slots::const_iterator at_, end_;
  };
  iterator begin() const { return {slots_.begin(), slots_.end()}; }
  iterator end() const { return {slots_.end(), slots_.end()}; }
  iterator find(const K& key) const {
    const auto it = lookup(key);
    if (it == slots_.end() || !it->second.value) return end();
    return {it, slots_.end()};
  }

private:
  std::vector<const typename slots::value_type*> in_order() const {
    std::vector<const typename slots::value_type*> out;
    out.reserve(slots_.size());
    for (const auto& row : slots_) out.push_back(&row);
    if constexpr (hashed)
      std::ranges::sort(out, {}, [](const auto* row) -> const K& { return row->first; });
    return out;
  }
  typename slots::iterator made(const K& key) {
    if constexpr (hashed)
      return slots_.try_emplace(key).first;
    else
      return slots_.try_emplace(slots_.end(), key); // keys mostly rise
  }
  typename slots::iterator lookup(const K& key) const {
    auto it = slots_.find(key);
    if (it == slots_.end() && shelf_)
      if (auto stored = shelf_->read(key)) {
        it = slots_.try_emplace(key).first;
        it->second.value = std::make_shared<V>(std::move(*stored));
      }
    if (it != slots_.end()) it->second.used = true;
    return it;
  }
  void note(typename slots::iterator it, position at) {
    if (!tracked_) return;
    it->second.changed = at;
    if (std::exchange(it->second.listed, true)) return;
    fresh_.push_back(it->first);
  }

  mutable slots slots_;                          // a question may fetch a row
  std::vector<K> fresh_;                         // changed since take_changes()
  std::deque<std::pair<position, K>> unwritten_; // taken, and not known to be on the shelf
  const shelf<K, V>* shelf_ = nullptr;
  bool tracked_ = false;
  std::size_t size_ = 0;
  std::size_t swept_ = 0; // at hand after the last sweep
};

} // namespace strowger::views
