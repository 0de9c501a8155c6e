#include "storage/folder_files.hpp"

#include <filesystem>

namespace strowger::storage {
namespace {

const rocksdb::IOOptions usual;

rocksdb::FileOptions plain_writes() {
  rocksdb::FileOptions o;
  o.use_mmap_writes = false; // an error must come as a status, not as a signal
  return o;
}

void must(const rocksdb::IOStatus& status, const char* doing, const std::string& path) {
  if (!status.ok()) throw storage_error{std::string{doing} + " " + path + ": " + status.ToString()};
}

std::string parent_of(const std::string& path) {
  const auto parent = std::filesystem::path{path}.parent_path().string();
  return parent.empty() ? "." : parent;
}

void make_private(const std::string& path) {
  std::error_code why;
  std::filesystem::permissions(path, std::filesystem::perms::owner_all, why);
  if (why) throw storage_error{"cannot make " + path + " its owner's alone: " + why.message()};
}

} // namespace

bool exists(rocksdb::FileSystem& disk, const std::string& path) {
  const auto status = disk.FileExists(path, usual, nullptr);
  if (!status.IsNotFound()) must(status, "cannot look at", path);
  return status.ok();
}

void make_folder(rocksdb::FileSystem& disk, const std::string& path) {
  if (exists(disk, path)) return;
  const auto parent = parent_of(path);
  make_folder(disk, parent);
  must(disk.CreateDirIfMissing(path, usual, nullptr), "cannot make the folder", path);
  if (&disk == rocksdb::FileSystem::Default().get()) make_private(path);
  sync_folder(disk, parent);
}

void sync_folder(rocksdb::FileSystem& disk, const std::string& path) {
  std::unique_ptr<rocksdb::FSDirectory> folder;
  must(disk.NewDirectory(path, usual, &folder, nullptr), "cannot open", path);
  must(folder->Fsync(usual, nullptr), "cannot sync", path);
}

void sync_file(rocksdb::FileSystem& disk, const std::string& path) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  must(disk.ReopenWritableFile(path, plain_writes(), &file, nullptr), "cannot open", path);
  must(file->Sync(usual, nullptr), "cannot sync", path);
  must(file->Close(usual, nullptr), "cannot close", path);
}

std::vector<std::string> files_in(rocksdb::FileSystem& disk, const std::string& folder) {
  std::vector<std::string> found, out;
  must(disk.GetChildren(folder, usual, &found, nullptr), "cannot list", folder);
  for (auto& name : found)
    if (name != "." && name != "..") out.push_back(std::move(name));
  return out;
}

std::string read_file(rocksdb::FileSystem& disk, const std::string& path) {
  std::string bytes;
  if (exists(disk, path)) must(rocksdb::ReadFileToString(&disk, path, &bytes), "cannot read", path);
  return bytes;
}

void write_file(rocksdb::FileSystem& disk, const std::string& folder, const std::string& name,
                std::string_view bytes) {
  const auto path = folder + "/" + name, beside = path + ".new";
  std::unique_ptr<rocksdb::FSWritableFile> file;
  must(disk.NewWritableFile(beside, plain_writes(), &file, nullptr), "cannot make", beside);
  must(file->Append({bytes.data(), bytes.size()}, usual, nullptr), "cannot write", beside);
  must(file->Sync(usual, nullptr), "cannot sync", beside);
  must(file->Close(usual, nullptr), "cannot close", beside);
  must(disk.RenameFile(beside, path, usual, nullptr), "cannot name", path);
  sync_folder(disk, folder);
}

void remove_file(rocksdb::FileSystem& disk, const std::string& path) {
  must(disk.DeleteFile(path, usual, nullptr), "cannot remove", path);
}

} // namespace strowger::storage
