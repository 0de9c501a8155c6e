#include "tests/power/play/disk_env.hpp"

#include <rocksdb/file_system.h>

namespace strowger::power {
namespace {

using namespace rocksdb;
using status = IOStatus;
using how = const IOOptions&;
using debug = IODebugContext*;

// What every open file knows.
struct handle {
  disk& where;
  std::string path;
  node_ptr file;
  std::uint64_t boot = where.boot();
};

class sequential final : public FSSequentialFile {
public:
  explicit sequential(handle h) : h_(std::move(h)) {}
  status Read(std::size_t n, how, Slice* out, char* scratch, debug) override {
    std::size_t size = 0;
    auto said = h_.where.read(h_.path, *h_.file, at_, n, scratch, size, h_.boot);
    *out = {scratch, size};
    at_ += size;
    return said;
  }
  status Skip(std::uint64_t n) override {
    at_ += n;
    return status::OK();
  }

private:
  handle h_;
  std::uint64_t at_ = 0;
};

class random_access final : public FSRandomAccessFile {
public:
  explicit random_access(handle h) : h_(std::move(h)) {}
  status Read(std::uint64_t at, std::size_t n, how, Slice* out, char* scratch,
              debug) const override {
    std::size_t size = 0;
    auto said = h_.where.read(h_.path, *h_.file, at, n, scratch, size, h_.boot);
    *out = {scratch, size};
    return said;
  }

private:
  handle h_;
};

class writable final : public FSWritableFile {
public:
  explicit writable(handle h, std::uint64_t size = 0) : h_(std::move(h)), size_(size) {}
  status Append(const Slice& bytes, how, debug) override {
    auto said = h_.where.append(h_.path, *h_.file, bytes, h_.boot);
    if (said.ok()) size_ += bytes.size();
    return said;
  }
  status Append(const Slice& bytes, how options, const DataVerificationInfo&, debug d) override {
    return Append(bytes, options, d);
  }
  status Truncate(std::uint64_t size, how, debug) override {
    size_ = size;
    return h_.where.truncate(h_.path, *h_.file, size, h_.boot);
  }
  status Close(how, debug) override { return status::OK(); }
  status Flush(how, debug) override { return status::OK(); }
  status Sync(how, debug) override { return h_.where.sync(h_.path, *h_.file, h_.boot); }
  bool IsSyncThreadSafe() const override { return true; }
  std::uint64_t GetFileSize(how, debug) override { return size_; }

private:
  handle h_;
  std::uint64_t size_;
};

class written_anywhere final : public FSRandomRWFile {
public:
  explicit written_anywhere(handle h) : h_(std::move(h)) {}
  status Write(std::uint64_t at, const Slice& bytes, how, debug) override {
    return h_.where.write(h_.path, *h_.file, at, bytes, h_.boot);
  }
  status Read(std::uint64_t at, std::size_t n, how, Slice* out, char* scratch,
              debug) const override {
    std::size_t size = 0;
    auto said = h_.where.read(h_.path, *h_.file, at, n, scratch, size, h_.boot);
    *out = {scratch, size};
    return said;
  }
  status Flush(how, debug) override { return status::OK(); }
  status Sync(how, debug) override { return h_.where.sync(h_.path, *h_.file, h_.boot); }
  status Close(how, debug) override { return status::OK(); }

private:
  handle h_;
};

class open_folder final : public FSDirectory {
public:
  explicit open_folder(handle h) : h_(std::move(h)) {}
  status Fsync(how, debug) override { return h_.where.sync_folder(h_.path, h_.boot); }
  status Close(how, debug) override { return status::OK(); }

private:
  handle h_;
};

class mapped final : public MemoryMappedFileBuffer {
public:
  explicit mapped(std::shared_ptr<std::atomic<std::uint64_t>> number) :
      MemoryMappedFileBuffer(number.get(), sizeof(std::uint64_t)), number_(std::move(number)) {}

private:
  std::shared_ptr<std::atomic<std::uint64_t>> number_;
};

struct held_lock final : FileLock {
  explicit held_lock(std::string p) : path(std::move(p)) {}
  std::string path;
};

std::string plain(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  for (auto at = path.find("//"); at != std::string::npos; at = path.find("//")) path.erase(at, 1);
  return path;
}

class file_system final : public FileSystem {
public:
  explicit file_system(disk& where) : disk_(where) {}
  const char* Name() const override { return "power"; }

  status NewSequentialFile(const std::string& path, const FileOptions&,
                           std::unique_ptr<FSSequentialFile>* out, debug) override {
    return open<sequential>(path, "open", out);
  }
  status NewRandomAccessFile(const std::string& path, const FileOptions&,
                             std::unique_ptr<FSRandomAccessFile>* out, debug) override {
    return open<random_access>(path, "open", out);
  }
  status NewDirectory(const std::string& path, how, std::unique_ptr<FSDirectory>* out,
                      debug) override {
    if (path == "/") {
      *out = std::make_unique<open_folder>(handle{disk_, "/", nullptr});
      return status::OK();
    }
    return open<open_folder>(path, "open", out);
  }
  status NewWritableFile(const std::string& path, const FileOptions&,
                         std::unique_ptr<FSWritableFile>* out, debug) override {
    handle h{disk_, plain(path), nullptr};
    auto said = disk_.make(h.path, h.file);
    if (said.ok()) *out = std::make_unique<writable>(std::move(h));
    return said;
  }
  status ReopenWritableFile(const std::string& path, const FileOptions&,
                            std::unique_ptr<FSWritableFile>* out, debug) override {
    std::uint64_t size = 0;
    auto said = disk_.size_of(plain(path), size);
    handle h{disk_, plain(path), nullptr};
    if (said.ok()) said = disk_.find(h.path, h.file, "open");
    if (said.ok()) *out = std::make_unique<writable>(std::move(h), size);
    return said;
  }
  status ReuseWritableFile(const std::string& path, const std::string& old, const FileOptions& o,
                           std::unique_ptr<FSWritableFile>* out, debug d) override {
    auto said = disk_.rename(plain(old), plain(path));
    return said.ok() ? NewWritableFile(path, o, out, d) : said;
  }
  status NewRandomRWFile(const std::string& path, const FileOptions&,
                         std::unique_ptr<FSRandomRWFile>* out, debug) override {
    return open<written_anywhere>(path, "open", out);
  }
  status NewMemoryMappedFileBuffer(const std::string& path,
                                   std::unique_ptr<MemoryMappedFileBuffer>* out) override {
    std::shared_ptr<std::atomic<std::uint64_t>> number;
    auto said = disk_.map(plain(path), number);
    if (said.ok()) *out = std::make_unique<mapped>(std::move(number));
    return said;
  }

  status FileExists(const std::string& path, how, debug) override {
    node_ptr ignored;
    auto said = path == "/" ? status::OK() : disk_.find(plain(path), ignored, "look");
    return said.IsPathNotFound() ? status::NotFound(path) : said;
  }
  status IsDirectory(const std::string& path, how, bool* is, debug) override {
    node_ptr found;
    auto said = disk_.find(plain(path), found, "look");
    if (said.ok()) *is = found->folder;
    return said;
  }
  status GetChildren(const std::string& path, how, std::vector<std::string>* out, debug) override {
    out->clear();
    return disk_.list(plain(path), *out);
  }
  status GetFileSize(const std::string& path, how, std::uint64_t* size, debug) override {
    return disk_.size_of(plain(path), *size);
  }
  status GetFileModificationTime(const std::string& path, how, std::uint64_t* time,
                                 debug) override {
    *time = 0;
    node_ptr ignored;
    return disk_.find(plain(path), ignored, "look");
  }
  status GetAbsolutePath(const std::string& path, how, std::string* out, debug) override {
    *out = path;
    return status::OK();
  }
  status GetTestDirectory(how, std::string* path, debug) override {
    *path = "/";
    return status::OK();
  }

  status CreateDir(const std::string& path, how, debug) override {
    return disk_.make_folder(plain(path), false);
  }
  status CreateDirIfMissing(const std::string& path, how, debug) override {
    return disk_.make_folder(plain(path), true);
  }
  status DeleteDir(const std::string& path, how, debug) override {
    return disk_.remove(plain(path));
  }
  status DeleteFile(const std::string& path, how, debug) override {
    return disk_.remove(plain(path));
  }
  status RenameFile(const std::string& from, const std::string& to, how, debug) override {
    return disk_.rename(plain(from), plain(to));
  }
  status LinkFile(const std::string& from, const std::string& to, how, debug) override {
    return disk_.link(plain(from), plain(to));
  }
  status NewLogger(const std::string&, how, std::shared_ptr<Logger>*, debug) override {
    return status::NotSupported("no log here");
  }
  status LockFile(const std::string& path, how, FileLock** out, debug) override {
    auto said = disk_.lock(plain(path));
    if (said.ok()) *out = new held_lock{plain(path)};
    return said;
  }
  status UnlockFile(FileLock* lock, how, debug) override {
    const std::unique_ptr<held_lock> ours{static_cast<held_lock*>(lock)};
    disk_.unlock(ours->path);
    return status::OK();
  }

private:
  template <class File, class Out> status open(const std::string& path, const char* why, Out* out) {
    handle h{disk_, plain(path), nullptr};
    auto said = disk_.find(h.path, h.file, why);
    if (said.ok()) *out = std::make_unique<File>(std::move(h));
    return said;
  }

  disk& disk_;
};

} // namespace

std::unique_ptr<rocksdb::Env> env_on(disk& where) {
  return NewCompositeEnv(std::make_shared<file_system>(where));
}

} // namespace strowger::power
