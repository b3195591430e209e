#include "runners/runner.h"
