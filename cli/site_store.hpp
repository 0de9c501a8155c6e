// The data folder of one site, opened for writing: keys, log, vault. One process at a time.
#pragma once

#include "core/time.hpp"
#include "security/keys.hpp"
#include "storage/event_store.hpp"
#include "storage/vault.hpp"

#include <memory>
#include <string>

namespace strowger::cli {

class site_store {
public:
  // Makes what is not there. Throws std::runtime_error with a sentence.
  site_store(const std::string& data_dir, security::random_source& random);
  ~site_store();

  storage::event_store& store();
  storage::vault& vault();
  const security::site_keys& keys() const;
  time_ms last_time() const; // of the last record, 0 for an empty log

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace strowger::cli
