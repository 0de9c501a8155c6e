#include "storage/ahead_files.hpp"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <vector>

namespace strowger::storage {
namespace {

using namespace rocksdb;
using status = IOStatus;
using how = const IOOptions&;
using debug = IODebugContext*;

// Appends, as far as RocksDB sees.
class log_file final : public FSWritableFile {
public:
  log_file(FileSystem& disk, std::string path, std::unique_ptr<FSRandomRWFile> file,
           std::size_t ahead_bytes) :
      disk_(disk),
      path_(std::move(path)), file_(std::move(file)), zeros_(ahead_bytes) {}

  status Append(const Slice& bytes, how options, debug d) override {
    auto said = file_->Write(written_, bytes, options, d);
    if (!said.ok()) return said;
    written_ += bytes.size();
    const bool small = bytes.size() <= zeros_.size() / 4; // a large one pays the journal by itself
    if (written_ > prepared_ && small) prepare(options, d);
    return said;
  }
  status Append(const Slice& bytes, how options, const DataVerificationInfo&, debug d) override {
    return Append(bytes, options, d);
  }
  status Truncate(std::uint64_t size, how options, debug d) override {
    written_ = size;
    prepared_ = std::min(prepared_, size);
    std::unique_ptr<FSWritableFile> same; // the system's own file system cuts open files only
    auto said = disk_.ReopenWritableFile(path_, {}, &same, d);
    if (said.ok()) said = same->Truncate(size, options, d);
    return said.ok() ? same->Close(options, d) : said;
  }
  status Close(how options, debug d) override {
    if (!file_) return status::OK();
    auto said = prepared_ > written_ ? Truncate(written_, options, d) : status::OK();
    if (said.ok()) said = file_->Close(options, d);
    file_.reset();
    return said;
  }
  status Flush(how, debug) override { return status::OK(); } // nothing waits here
  status Sync(how options, debug d) override { return file_->Sync(options, d); }
  status Fsync(how options, debug d) override { return file_->Fsync(options, d); }
  bool IsSyncThreadSafe() const override { return true; }
  std::uint64_t GetFileSize(how, debug) override { return written_; }

private:
  // The bytes themselves are written: where there is no room for zeros there may be for more bytes.
  void prepare(how options, debug d) {
    auto said = file_->Write(written_, {zeros_.data(), zeros_.size()}, options, d);
    prepared_ = written_ + zeros_.size();
    said.PermitUncheckedError();
  }

  FileSystem& disk_;
  const std::string path_;
  std::unique_ptr<FSRandomRWFile> file_;
  std::uint64_t written_ = 0, prepared_ = 0;
  const std::vector<char> zeros_;
};

class file_system final : public FileSystemWrapper {
public:
  file_system(const std::shared_ptr<FileSystem>& base, std::size_t ahead_bytes) :
      FileSystemWrapper(base), ahead_bytes_(ahead_bytes) {}
  const char* Name() const override { return "ahead"; }

  status NewWritableFile(const std::string& path, const FileOptions& options,
                         std::unique_ptr<FSWritableFile>* out, debug d) override {
    auto said = target()->NewWritableFile(path, options, out, d);
    if (!said.ok() || !path.ends_with(".log")) return said;
    said = (*out)->Close(options.io_options, d); // it is there, and empty
    out->reset();
    std::unique_ptr<FSRandomRWFile> file;
    if (said.ok()) said = target()->NewRandomRWFile(path, options, &file, d);
    if (said.ok())
      *out = std::make_unique<log_file>(*target(), path, std::move(file), ahead_bytes_);
    return said;
  }

private:
  const std::size_t ahead_bytes_;
};

class env final : public EnvWrapper {
public:
  env(Env& base, std::size_t ahead_bytes) : EnvWrapper(&base) {
    file_system_ = std::make_shared<file_system>(base.GetFileSystem(), ahead_bytes);
  }
  const char* Name() const override { return "ahead"; }
};

} // namespace

std::unique_ptr<rocksdb::Env> writing_ahead(rocksdb::Env& base, std::size_t ahead_bytes) {
  return std::make_unique<env>(base, ahead_bytes);
}

} // namespace strowger::storage
