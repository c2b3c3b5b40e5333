// paths.h - which files a program will write, checked before it reads anything.
//
// A name is not a file: links lead elsewhere, two names may be one file, and
// /dev/stdout is wherever standard output goes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mill {

// Throws Exit(EX_USAGE) if an output is also an input, or two outputs are one
// file; compared by device and inode, whatever their names. "-" as an input is
// standard input; standard output counts as an output. Devices and pipes may be
// both. Files that are not there yet are told apart by folder and name.
void check_outputs(const std::vector<std::string>& inputs,
                   const std::vector<std::string>& outputs);

// True if name, as some file gives it, may be used as that of a file in a
// folder: it is not empty, "." or "..", and holds neither a slash nor a NUL.
// Names are looked at as they are used, with JSON's escapes resolved.
bool is_file_name(std::string_view name);

// True if path stays inside the folder that it is relative to: it is not empty,
// does not begin with a slash, and none of its parts is "..".
bool stays_inside(std::string_view path);

// The descriptor that /dev/stdout, /dev/stderr, /dev/fd/N and
// /proc/self/fd/N stand for; -1 for any other path.
int descriptor_of(const std::string& path);

// The path at the end of all symbolic links, whether it is there or not. Throws
// Exit(EX_CANTCREAT) if they form a loop.
std::string follow_links(std::string path);

// The path of a file that an option names for output: "-" is standard output,
// and each %p is the process's id, so that every process of several that run
// with the same options has a file of its own.
std::string side_path(std::string path);

}  // namespace mill
