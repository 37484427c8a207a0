// A pool of threads that takes tasks in order, survives fork, and lets the calling thread look out for an interrupt.

#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>

#include "thetahat/api.hpp"

namespace thetahat {

namespace {

// The processors that this process may use: its affinity mask, and the quota of its control group where one is set.
int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
                                                      : static_cast<int>(std::thread::hardware_concurrency());
  std::ifstream quota("/sys/fs/cgroup/cpu.max");
  std::string limit;
  double period = 0.0;
  if (quota >> limit >> period && limit != "max" && period > 0.0) {
    const int allowed = static_cast<int>(std::strtod(limit.c_str(), nullptr) / period + 0.999);
    if (allowed >= 1 && allowed < n) n = allowed;
  }
  return n < 1 ? 1 : n;
}

int initial_threads() {
  if (const char* text = std::getenv("THETAHAT_NUM_THREADS")) {
    char* end = nullptr;
    const long n = std::strtol(text, &end, 10);
    if (end != text && *end == '\0' && n >= 1 && n <= 4096) return static_cast<int>(n);
  }
  return usable_processors();
}

struct job {
  job(const std::function<void(std::size_t)>& t, std::size_t count) : task(&t), n(count) {}
  const std::function<void(std::size_t)>* task;
  std::size_t n;
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex lock;
  std::exception_ptr failure;

  bool run_one() {
    if (stop.load(std::memory_order_relaxed)) return false;
    const std::size_t i = next.fetch_add(1, std::memory_order_relaxed);
    if (i >= n) return false;
    try {
      (*task)(i);
    } catch (...) {
      const std::lock_guard<std::mutex> hold(lock);
      if (!failure) failure = std::current_exception();
      stop.store(true);
    }
    return true;
  }
};

class pool {
 public:
  explicit pool(int workers) {
    for (int i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
  }
  ~pool() {
    {
      const std::lock_guard<std::mutex> hold(lock_);
      closing_ = true;
    }
    wake_.notify_all();
    for (auto& t : threads_) t.join();
  }
  int workers() const { return static_cast<int>(threads_.size()); }

  void start(job& j) {
    {
      const std::lock_guard<std::mutex> hold(lock_);
      current_ = &j;
      ++generation_;
    }
    wake_.notify_all();
  }
  // No worker touches the job after this returns.
  void finish() {
    std::unique_lock<std::mutex> hold(lock_);
    current_ = nullptr;
    idle_.wait(hold, [this] { return busy_ == 0; });
  }

 private:
  void work() {
    std::uint64_t seen = 0;
    for (;;) {
      job* j;
      {
        std::unique_lock<std::mutex> hold(lock_);
        wake_.wait(hold, [&] { return closing_ || (generation_ != seen && current_ != nullptr); });
        if (closing_) return;
        seen = generation_;
        j = current_;
        ++busy_;
      }
      while (j->run_one()) {}
      {
        const std::lock_guard<std::mutex> hold(lock_);
        --busy_;
      }
      idle_.notify_all();
    }
  }

  std::mutex lock_;
  std::condition_variable wake_, idle_;
  std::vector<std::thread> threads_;
  job* current_ = nullptr;
  std::uint64_t generation_ = 0;
  int busy_ = 0;
  bool closing_ = false;
};

struct pool_state {
  std::mutex lock;  // one job at a time: a second caller runs its tasks itself
  std::unique_ptr<pool> workers;
  int wanted = initial_threads();
};

// Never destroyed: at process exit its threads may already be gone.
pool_state* state = nullptr;
std::atomic<interrupt_check> check_interrupt{nullptr};
std::once_flag created;

// A forked child has the parent's memory and none of its threads: it starts afresh.
void after_fork_in_child() {
  auto* fresh = new pool_state;
  fresh->wanted = state->wanted;
  state = fresh;
}

pool_state& the_state() {
  std::call_once(created, [] {
    state = new pool_state;
    pthread_atfork(nullptr, nullptr, after_fork_in_child);
  });
  return *state;
}

// The caller's share of a job: tasks, with a look at the interrupt check every 50 ms.
void participate(job& j) {
  using clock = std::chrono::steady_clock;
  auto due = clock::now() + std::chrono::milliseconds(50);
  const interrupt_check check = check_interrupt.load();
  while (j.run_one()) {
    if (check != nullptr && clock::now() >= due) {
      if (check()) {
        const std::lock_guard<std::mutex> hold(j.lock);
        if (!j.failure) j.failure = std::make_exception_ptr(error(error_kind::interrupted, "interrupted"));
        j.stop.store(true);
      }
      due = clock::now() + std::chrono::milliseconds(50);
    }
  }
}

}  // namespace

int thread_count() { return the_state().wanted; }

void set_thread_count(int n) {
  if (n < 1 || n > 4096)
    throw error(error_kind::parameter, "num_threads must be between 1 and 4096, got " + std::to_string(n) +
                                           "; leave it unset to use every processor that the process may use");
  pool_state& s = the_state();
  const std::lock_guard<std::mutex> hold(s.lock);
  s.wanted = n;
  s.workers.reset();
}

void set_interrupt_check(interrupt_check check) { check_interrupt.store(check); }

void parallel_for(std::size_t n, const std::function<void(std::size_t)>& task) {
  job j(task, n);
  pool_state& s = the_state();
  std::unique_lock<std::mutex> hold(s.lock, std::try_to_lock);
  if (n > 1 && hold.owns_lock() && s.wanted > 1) {
    if (!s.workers) s.workers = std::make_unique<pool>(s.wanted - 1);
    s.workers->start(j);
    participate(j);
    s.workers->finish();
  } else {
    if (hold.owns_lock()) hold.unlock();
    participate(j);
  }
  if (j.failure) std::rethrow_exception(j.failure);
}

}  // namespace thetahat
