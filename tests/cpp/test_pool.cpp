// The pool: every task once, errors and interrupts come through, forks start afresh, callers do not disturb each other.

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "thetahat/api.hpp"

namespace {

int failures = 0;
void check(bool good, const char* what) {
  if (good) return;
  std::printf("failed: %s\n", what);
  ++failures;
}

bool every_task_once(std::size_t n) {
  std::vector<std::atomic<int>> seen(n);
  thetahat::parallel_for(n, [&](std::size_t i) { seen[i].fetch_add(1); });
  for (const auto& s : seen)
    if (s.load() != 1) return false;
  return true;
}

bool always_interrupted() { return true; }

}  // namespace

int main() {
  for (const int threads : {1, 2, 7}) {
    thetahat::set_thread_count(threads);
    for (const std::size_t n : {0, 1, 2, 31, 1000}) check(every_task_once(n), "every task runs once");
    bool caught = false;
    try {
      thetahat::parallel_for(100, [](std::size_t i) {
        if (i == 37) throw thetahat::error(thetahat::error_kind::data, "task 37");
      });
    } catch (const thetahat::error& e) { caught = std::string(e.what()) == "task 37"; }
    check(caught, "an error in a task reaches the caller");
    check(every_task_once(100), "the pool works on after an error");
  }
  thetahat::set_thread_count(3);
  std::vector<std::thread> callers;
  std::atomic<int> good{0};
  for (int i = 0; i < 4; ++i) callers.emplace_back([&] { good += every_task_once(500); });
  for (auto& t : callers) t.join();
  check(good == 4, "callers on several threads");

  thetahat::set_interrupt_check(always_interrupted);
  bool interrupted = false;
  try {
    thetahat::parallel_for(100000, [](std::size_t) { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
  } catch (const thetahat::error& e) { interrupted = e.kind() == thetahat::error_kind::interrupted; }
  check(interrupted, "an interrupt ends the work");
  thetahat::set_interrupt_check(nullptr);

#if !defined(__SANITIZE_THREAD__)
  const pid_t child = fork();
  if (child == 0) _exit(every_task_once(200) ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the pool works in a forked child");
#endif
  check(every_task_once(200), "and in its parent afterwards");
  std::printf("%d failed\n", failures);
  return failures != 0;
}
