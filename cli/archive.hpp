// A data folder opened for reading: the log and its vault, as they were when it was opened; the
// server may run on it.
#pragma once

#include "security/keys.hpp"
#include "storage/event_store.hpp"
#include "storage/row_store.hpp"
#include "storage/vault.hpp"

#include <functional>
#include <memory>
#include <string>

namespace strowger::cli {

class archive {
public:
  explicit archive(const std::string& data_dir); // throws std::runtime_error with a sentence
  ~archive();

  storage::event_store& store() const;
  storage::vault& vault() const;
  const storage::row_store& rows() const; // of the picture, not newer than the log
  void each_snapshot(const std::function<void(const storage::stream_key&)>& visit) const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace strowger::cli
