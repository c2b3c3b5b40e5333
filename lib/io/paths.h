// paths.h - which files a program is to write, before it reads anything.
//
// A name is not a file: links lead elsewhere, two names may be one file, and
// /dev/stdout is wherever standard output goes.
#pragma once

#include <string>
#include <vector>

namespace mill {

// Throws Exit(EX_USAGE) if an output is also an input, or two outputs are one
// file; by device and inode, so that no other name of it helps. "-" as an input
// is standard input; standard output counts as an output. Devices and pipes may
// be both. Files that are not there yet are told apart by folder and name.
void check_outputs(const std::vector<std::string>& inputs,
                   const std::vector<std::string>& outputs);

// The descriptor that /dev/stdout, /dev/stderr, /dev/fd/N and
// /proc/self/fd/N stand for; -1 for any other path.
int descriptor_of(const std::string& path);

// The path at the end of all symbolic links, whether it is there or not.
// Throws Exit(EX_CANTCREAT) if they go round in a circle.
std::string follow_links(std::string path);

// The path with each %p replaced by the process's id, so that every process of
// several that run with the same options has a file of its own.
std::string path_for_process(std::string path);

}  // namespace mill
