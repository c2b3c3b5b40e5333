// scratch_folder.h - a folder of one's own for the files of a test.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

// Made, and the current directory, for as long as this lives; tests run at the
// same time and each has its own.
class ScratchFolder {
 public:
  ScratchFolder() : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(::mkdtemp(name_));
  }
  ~ScratchFolder() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(name_);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

 private:
  std::filesystem::path before_;
  char name_[32] = "/tmp/answermill-test.XXXXXX";
};
