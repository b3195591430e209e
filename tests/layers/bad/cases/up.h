#include "oracle/model.h"
