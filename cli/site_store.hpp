// The data folder of one site, opened for writing: log and vault. One process at a time.
#pragma once

#include "core/time.hpp"
#include "security/keys.hpp"
#include "storage/event_store.hpp"
#include "storage/row_store.hpp"
#include "storage/vault.hpp"

#include <functional>
#include <memory>
#include <string>

namespace strowger::cli {

// Makes the folder and its keys when they are not there. Throws with a sentence: the keys of a log
// that is there are missing, or the disk is full (storage_error); others may read the keys.
security::site_keys open_keys(const std::string& data_dir, security::random_source& random);

class site_store {
public:
  // After open_keys. `failed` is told when a write failed, before anything else is tried: it must
  // end the process. Throws storage_error with a sentence.
  site_store(const std::string& data_dir, security::random_source& random,
             std::function<void(const std::string&)> failed);
  ~site_store();

  storage::event_store& store();
  storage::vault& vault();
  storage::row_store& rows();  // of the picture
  time_ms last_time() const;   // of the last record, 0 for an empty log
  void spare_the_next_start(); // after the store's stop(); throws storage_error

private:
  void refuse_beyond(position known, const char* how, const std::string& told_by) const;

  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace strowger::cli
