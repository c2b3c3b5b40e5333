// fail_nth_call.cpp - preloaded, makes one call of a program fail.
//
//   LD_PRELOAD=libfail_nth_call.so FAIL_CALL=write FAIL_NTH=7 FAIL_WITH=28 PROGRAM
//
// FAIL_CALL is one of the kinds below; FAIL_WITH an errno, or 0 for a read or
// write of one byte only. A full disk (ENOSPC) stays full for all later writes.
// FAIL_COUNTS names a file that gets, when main() has returned, a line "KIND N"
// for each kind of call. Counted is what main() does, but for standard error,
// which is to say what has failed.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
}

namespace {

enum Kind { kRead, kWrite, kOpen, kFsync, kRename, kClose, kMalloc, kKinds };
constexpr const char* kNames[] = {"read",   "write", "open",  "fsync",
                                  "rename", "close", "malloc"};
constexpr int kOneByteOnly = 0;

bool is_counting = false;
unsigned long counts[kKinds];
Kind wanted = kKinds;
unsigned long nth = 0;
int error = 0;

// True if this call is to fail; counts it.
bool fails(Kind kind) {
  if (!__atomic_load_n(&is_counting, __ATOMIC_RELAXED)) return false;
  const unsigned long n =
      __atomic_add_fetch(&counts[kind], 1, __ATOMIC_RELAXED);
  return kind == wanted &&
         (n == nth || (n > nth && kind == kWrite && error == ENOSPC));
}

ssize_t refuse() {
  errno = error;
  return -1;
}

// A transfer of bytes, which may fail or come to one byte.
template <typename Transfer>
ssize_t transfer(Kind kind, int fd, size_t size, Transfer call) {
  if (fd == STDERR_FILENO || !fails(kind)) return call(size);
  return error == kOneByteOnly ? call(size < 1 ? size : 1) : refuse();
}

int open_at(int folder, const char* path, int flags, mode_t mode) {
  if (fails(kOpen)) return static_cast<int>(refuse());
  return static_cast<int>(::syscall(SYS_openat, folder, path, flags, mode));
}

mode_t mode_of(int flags, va_list list) {
  const bool makes = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
  return makes ? va_arg(list, mode_t) : 0;
}

using Main = int (*)(int, char**, char**);
Main real_main;

void write_counts() {
  const char* const path = ::getenv("FAIL_COUNTS");
  if (!path) return;
  const int fd = static_cast<int>(::syscall(
      SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0666));
  for (int kind = 0; kind < kKinds; ++kind)
    ::dprintf(fd, "%s %lu\n", kNames[kind], counts[kind]);
}

int counted_main(int argc, char** argv, char** environment) {
  const char* const call = ::getenv("FAIL_CALL");
  for (int kind = 0; call && kind < kKinds; ++kind)
    if (::strcmp(call, kNames[kind]) == 0) wanted = static_cast<Kind>(kind);
  const char* const number = ::getenv("FAIL_NTH");
  const char* const with = ::getenv("FAIL_WITH");
  nth = number ? ::strtoul(number, nullptr, 10) : 0;
  error = with ? ::atoi(with) : EIO;
  is_counting = true;
  const int status = real_main(argc, argv, environment);
  is_counting = false;
  write_counts();
  return status;
}

}  // namespace

extern "C" {

int __libc_start_main(Main main, int argc, char** argv, void (*init)(),
                      void (*fini)(), void (*rtld_fini)(), void* stack_end) {
  real_main = main;
  using Start =
      int (*)(Main, int, char**, void (*)(), void (*)(), void (*)(), void*);
  const auto start =
      reinterpret_cast<Start>(::dlsym(RTLD_NEXT, "__libc_start_main"));
  return start(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}

ssize_t read(int fd, void* to, size_t size) {
  return transfer(kRead, fd, size,
                  [&](size_t n) { return ::syscall(SYS_read, fd, to, n); });
}
ssize_t pread64(int fd, void* to, size_t size, off64_t at) {
  return transfer(kRead, fd, size, [&](size_t n) {
    return ::syscall(SYS_pread64, fd, to, n, at);
  });
}
ssize_t pread(int fd, void* to, size_t size, off_t at) {
  return pread64(fd, to, size, at);
}
ssize_t write(int fd, const void* from, size_t size) {
  return transfer(kWrite, fd, size,
                  [&](size_t n) { return ::syscall(SYS_write, fd, from, n); });
}
ssize_t pwrite64(int fd, const void* from, size_t size, off64_t at) {
  return transfer(kWrite, fd, size, [&](size_t n) {
    return ::syscall(SYS_pwrite64, fd, from, n, at);
  });
}
ssize_t pwrite(int fd, const void* from, size_t size, off_t at) {
  return pwrite64(fd, from, size, at);
}

int open(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = mode_of(flags, list);
  va_end(list);
  return open_at(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = mode_of(flags, list);
  va_end(list);
  return open_at(AT_FDCWD, path, flags, mode);
}
int openat(int folder, const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = mode_of(flags, list);
  va_end(list);
  return open_at(folder, path, flags, mode);
}
int mkostemp(char* path, int flags) {
  if (fails(kOpen)) return static_cast<int>(refuse());
  using Make = int (*)(char*, int);
  return reinterpret_cast<Make>(::dlsym(RTLD_NEXT, "mkostemp"))(path, flags);
}
int mkostemp64(char* path, int flags) { return mkostemp(path, flags); }

int fsync(int fd) {
  if (fails(kFsync)) return static_cast<int>(refuse());
  return static_cast<int>(::syscall(SYS_fsync, fd));
}
int fdatasync(int fd) {
  if (fails(kFsync)) return static_cast<int>(refuse());
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}
int rename(const char* from, const char* to) {
  if (fails(kRename)) return static_cast<int>(refuse());
  return static_cast<int>(
      ::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
// As Linux does, closes the descriptor even if it says that it failed.
int close(int fd) {
  const bool failed = fd != STDERR_FILENO && fails(kClose);
  const int status = static_cast<int>(::syscall(SYS_close, fd));
  return failed ? static_cast<int>(refuse()) : status;
}

void* malloc(size_t size) {
  if (!fails(kMalloc)) return __libc_malloc(size);
  errno = ENOMEM;
  return nullptr;
}
void* calloc(size_t count, size_t size) {
  if (!fails(kMalloc)) return __libc_calloc(count, size);
  errno = ENOMEM;
  return nullptr;
}
void* realloc(void* old, size_t size) {
  if (!fails(kMalloc)) return __libc_realloc(old, size);
  errno = ENOMEM;
  return nullptr;
}

}  // extern "C"
